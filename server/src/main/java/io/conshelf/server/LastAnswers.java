package io.conshelf.server;

import io.helidon.common.buffers.DataReader.IncorrectNewLineException;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/// Closes a connection after the answer that is its last: because one of both sides says so, where the web server writes the header and goes on reading; or
/// because nobody knows where the next request begins.
final class LastAnswers implements Filter {
    /// A body that tells whether its end can be found: sizes of chunks that are none are thrown as what is wrong with a number or a line.
    private static final class Chunks extends FilterInputStream {
        private final AtomicBoolean isBroken;

        Chunks(InputStream in, AtomicBoolean isBroken) {
            super(in);
            this.isBroken = isBroken;
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (IllegalArgumentException | IncorrectNewLineException e) {
                isBroken.set(true);
                throw e;
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (IllegalArgumentException | IncorrectNewLineException e) {
                isBroken.set(true);
                throw e;
            }
        }
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        var isBroken = new AtomicBoolean();
        request.streamFilter(body -> new Chunks(body, isBroken));
        response.beforeSend(() -> {
            // A client that has waited for leave to send its body may send it in spite of the answer, and then it stands where the next request would.
            if (isBroken.get() || request.content().hasEntity() && !request.continueSent()) {
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
