"""Signing in to `conshelf up --auth entra --tls` with MSAL, azure-identity and the Kusto client.

    python sign_in.py https://localhost:8443 TENANT CLIENT_ID CLIENT_SECRET CA_BUNDLE USER PASSWORD

REQUESTS_CA_BUNDLE names the certificate authority for what is built on requests.
"""
import re
import sys
import threading
import urllib.parse
import urllib.request
import ssl

import msal
from azure.identity import ClientSecretCredential
from azure.kusto.data import KustoClient, KustoConnectionStringBuilder

SCOPE = ["https://kusto.kusto.windows.net/.default"]
PROGRAM = "db662dc1-0cfe-4e1c-a843-19a68e65be58"


def fill_in(bundle, url, fields):
    """What a person does on a page."""
    context = ssl.create_default_context(cafile=bundle)
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    return opener.open(url, urllib.parse.urlencode(fields).encode()).read().decode()


def main(url, tenant, client_id, secret, bundle, user, password):
    for authority, options in ((f"{url}/{tenant}", {"instance_discovery": False}), (f"{url}/adfs", {})):
        app = msal.ConfidentialClientApplication(client_id, authority=authority, client_credential=secret, **options)
        answer = app.acquire_token_for_client(SCOPE)
        assert "access_token" in answer, (authority, answer)
        assert app.acquire_token_for_client(SCOPE)["token_source"] == "cache"
    print("msal")

    credential = ClientSecretCredential(tenant, client_id, secret, authority=url, disable_instance_discovery=True)
    assert credential.get_token(*SCOPE).token
    print("azure-identity")

    connection = KustoConnectionStringBuilder.with_aad_application_key_authentication(url, client_id, secret, "adfs")
    rows = KustoClient(connection).execute_query("NetDefaultDB", "print x = current_principal()").primary_results[0]
    assert client_id in rows[0]["x"], rows[0]
    print("kusto")

    public = msal.PublicClientApplication(PROGRAM, authority=f"{url}/{tenant}", instance_discovery=False)
    flow = public.initiate_device_flow(SCOPE)
    assert "user_code" in flow, flow
    typed = threading.Thread(target=fill_in, args=(
        bundle, flow["verification_uri"], {"code": flow["user_code"], "username": user, "password": password}))
    typed.start()
    typed.join()
    answer = public.acquire_token_by_device_flow(flow)
    assert answer.get("id_token_claims", {}).get("preferred_username") == user, answer
    account = public.get_accounts()[0]
    refreshed = public.acquire_token_silent(["https://vault.azure.net/.default"], account)
    assert refreshed and "access_token" in refreshed, refreshed
    print("device code")

    def browser(asked):
        thread = threading.Thread(target=follow, args=(asked,))
        thread.start()
        return True

    def follow(asked):
        page = fill_in(bundle, asked, {"username": user, "password": password})
        action = re.search(r'action="(http://localhost:[^"]*)"', page)
        if action:
            fields = {name: value for name, value in re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', page)}
            urllib.request.urlopen(action.group(1), urllib.parse.urlencode(fields).encode()).read()

    import webbrowser
    webbrowser.open = lambda asked, *rest, **options: browser(asked)
    webbrowser.get = lambda *names: type("Browser", (), {"open": staticmethod(browser), "name": "test"})()
    answer = public.acquire_token_interactive(SCOPE, timeout=60)
    assert answer.get("id_token_claims", {}).get("preferred_username") == user, answer
    print("page")


main(*sys.argv[1:])
