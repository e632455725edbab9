package io.conshelf.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;

/// The protocol's own headers.
final class Headers {
    static final HeaderName CLIENT_REQUEST_ID = HeaderNames.create("x-ms-client-request-id");
    static final HeaderName APPLICATION = HeaderNames.create("x-ms-app");
    static final HeaderName USER = HeaderNames.create("x-ms-user");
    static final HeaderName SERVER_TIMEOUT = HeaderNames.create("servertimeout");
    static final HeaderName IDENTITY = HeaderNames.create("X-IDENTITY-HEADER");
    static final HeaderName FETCH_SITE = HeaderNames.create("Sec-Fetch-Site");
    static final HeaderName READ_ONLY = HeaderNames.create("x-ms-readonly");

    private Headers() {}
}
