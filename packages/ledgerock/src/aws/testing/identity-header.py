"""What a client with boto3 sends as `x-ledgerock-aws-identity`: a signed but unsent GetCallerIdentity. Run with the gateway's name."""

import base64
import json
import sys

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest


def identity_header(gateway, session=None):
    session = session or boto3.Session()
    region = session.region_name or "us-east-1"
    request = AWSRequest(
        method="POST",
        url=f"https://sts.{region}.amazonaws.com/",
        data="Action=GetCallerIdentity&Version=2011-06-15",
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "x-ledgerock-gateway": gateway,
        },
    )
    SigV4Auth(session.get_credentials().get_frozen_credentials(), "sts", region).add_auth(request)
    proof = {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers.items()),
        "body": request.data,
    }
    return base64.urlsafe_b64encode(json.dumps(proof).encode()).decode()


if __name__ == "__main__":
    print(identity_header(sys.argv[1]))
