package io.conshelf.server;

/// Where clients learn how to sign in. All six fields must be there, or clients fail before their first request.
final class AuthMetadata {
    private static final String CLOUD = "https://login.microsoftonline.com";
    /// What every cluster of the cloud tells its clients to ask for.
    static final String RESOURCE = "https://kusto.kusto.windows.net";
    private static final String CLOUD_TENANT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

    private AuthMetadata() {}

    /// As a cluster of Azure has it.
    static String ofTheCloud() {
        return of(CLOUD, CLOUD_TENANT, RESOURCE);
    }

    /// @param login    the token service: the scheme, host and port of where tokens come from
    /// @param resource what clients are to ask for tokens for
    static String of(String login, String tenant, String resource) {
        return """
                {"AzureAD":{"LoginEndpoint":"%1$s","LoginMfaRequired":false,\
                "KustoClientAppId":"db662dc1-0cfe-4e1c-a843-19a68e65be58","KustoClientRedirectUri":"http://localhost",\
                "KustoServiceResourceId":"%3$s",\
                "FirstPartyAuthorityUrl":"%1$s/%2$s"},\
                "dSTS":{"CloudEndpointSuffix":"windows.net","DstsRealm":"realm://dsts.core.windows.net",\
                "DstsInstance":"prod-dsts.dsts.core.windows.net","KustoDnsHostName":"kusto.windows.net",\
                "ServiceName":"kusto"}}""".formatted(login, tenant, resource);
    }
}
