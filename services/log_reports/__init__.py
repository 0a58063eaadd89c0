"""What found log lines come to: Lambda's REPORT lines, CloudTrail's errors, failed sign-ins, refused requests. Pure."""
