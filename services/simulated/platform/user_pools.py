"""What moto does not serve of Cognito: where a pool delivers its log."""

from __future__ import annotations

from typing import Any

from services.simulated.protocol import AwsError, Context, Handler
from services.simulated.state import SimulatedState


def handlers(state: SimulatedState) -> dict[str, Handler]:
    """Cognito as far as we serve it; moto serves the rest."""

    def get_log_delivery_configuration(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        pool = parameters["UserPoolId"]
        for environment in state.estate.environments:
            if environment.user_pool == pool and environment.region == context.region:
                break
        else:
            raise AwsError("ResourceNotFoundException", f"User pool {pool} does not exist.")
        configurations = []
        if environment.sign_in_log_group:
            arn = f"arn:aws:logs:{environment.region}:{context.account}:log-group:{environment.sign_in_log_group}"
            delivery = {"LogLevel": "INFO", "EventSource": "userAuthEvents"}
            configurations.append(delivery | {"CloudWatchLogsConfiguration": {"LogGroupArn": arn}})
        return {"LogDeliveryConfiguration": {"UserPoolId": pool, "LogConfigurations": configurations}}

    return {"GetLogDeliveryConfiguration": get_log_delivery_configuration}
