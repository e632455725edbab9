package io.conshelf.server;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/// Closes a connection after the answer that is its last: because one of both sides says so, where the web server writes the header and goes on reading; or
/// because nobody knows where the next request begins.
final class LastAnswers implements Filter {
    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        response.beforeSend(() -> {
            // A client that has waited for leave to send its body may send it in spite of the answer, and then it stands where the next request would.
            if (request.content().hasEntity() && !request.continueSent()) {
                response.headers().set(HeaderValues.CONNECTION_CLOSE);
            }
        });
        chain.proceed();
        if (request.headers().containsToken(HeaderValues.CONNECTION_CLOSE) || response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            // where the answer is not whole yet: the exception skips what else would end it
            response.commit();
            throw new CloseConnectionException("The connection was to end with this answer");
        }
    }
}
