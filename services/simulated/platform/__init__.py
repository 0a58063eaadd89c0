"""The services whose own behaviour the simulated account depends on: CloudFormation, Lambda, API Gateway, CloudFront,
CloudTrail and the site. Each is a store of values, changed by its handlers and by the scenario's deployments.
"""
