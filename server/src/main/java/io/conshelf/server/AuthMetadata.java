package io.conshelf.server;

/// Where clients learn how to sign in. All six fields must be there, or clients fail before their first request.
final class AuthMetadata {
    static final String JSON = """
            {"AzureAD":{"LoginEndpoint":"https://login.microsoftonline.com","LoginMfaRequired":false,\
            "KustoClientAppId":"db662dc1-0cfe-4e1c-a843-19a68e65be58","KustoClientRedirectUri":"http://localhost",\
            "KustoServiceResourceId":"https://kusto.kusto.windows.net",\
            "FirstPartyAuthorityUrl":"https://login.microsoftonline.com/f8cdef31-a31e-4b4a-93e4-5f571e91255a"},\
            "dSTS":{"CloudEndpointSuffix":"windows.net","DstsRealm":"realm://dsts.core.windows.net",\
            "DstsInstance":"prod-dsts.dsts.core.windows.net","KustoDnsHostName":"kusto.windows.net",\
            "ServiceName":"kusto"}}""";

    private AuthMetadata() {}
}
