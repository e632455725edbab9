"""Signing in to `conshelf up --auth entra --tls` with MSAL and an application's certificate.

    python certificate.py https://localhost:8443 TENANT CLIENT_ID KEY_FILE THUMBPRINT

REQUESTS_CA_BUNDLE names the certificate authority.
"""
import sys

import msal


def main(url, tenant, client_id, key_file, thumbprint):
    with open(key_file, encoding="ascii") as file:
        credential = {"private_key": file.read(), "thumbprint": thumbprint}
    app = msal.ConfidentialClientApplication(
        client_id, authority=f"{url}/{tenant}", client_credential=credential, instance_discovery=False)
    # It signs once and shows the same for both.
    for scope in ("https://kusto.kusto.windows.net/.default", "https://vault.azure.net/.default"):
        answer = app.acquire_token_for_client([scope])
        assert "access_token" in answer, (scope, answer)
    print("two tokens")


main(*sys.argv[1:])
