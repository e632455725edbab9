package io.conshelf.server;

import io.conshelf.engine.ingest.GzipMembers;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataReader.IncorrectNewLineException;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/// The body of a request, uncompressed, and bounded by what it holds rather than by what was sent.
final class IncomingBody {
    private static final int BUFFER_BYTES = 16 << 10;

    private IncomingBody() {}

    /// Whether a body is compressed that says so.
    enum Announcement {
        HOLDS,
        /// The bytes decide.
        MAY_NOT_HOLD
    }

    /// What turns out in its middle not to be compressed as it says is refused where it is read.
    static BoundedInput open(ServerRequest request, String what, long bytesMax) {
        return new BoundedInput(new Inflated(open(request, what, bytesMax, Announcement.HOLDS)), what, bytesMax);
    }

    static BoundedInput open(ServerRequest request, String what, long bytesMax, Announcement announcement) {
        long announced = request.headers().contentLength().orElse(0);
        if (announced > bytesMax) {
            throw Refusals.tooLarge(what, bytesMax);
        }
        InputStream raw = request.content().hasEntity()
                ? new ClientStream(request.content().inputStream())
                : InputStream.nullInputStream();
        String encoding = request.headers()
                .value(HeaderNames.CONTENT_ENCODING)
                .orElse("identity")
                .strip()
                .toLowerCase(Locale.ROOT);
        try {
            InputStream plain = switch (encoding) {
                // What is sent is bounded too: there are bytes without end that unpack to nothing.
                case "gzip", "x-gzip" -> gunzip(new BoundedInput(raw, what, bytesMax), announcement);
                case "deflate" -> new InflaterInputStream(new BoundedInput(raw, what, bytesMax));
                case "identity", "" -> raw;
                default -> throw Refusals.badRequest("the Content-Encoding '" + encoding
                        + "' is not known; send gzip, deflate or nothing");
            };
            return new BoundedInput(plain, what, bytesMax);
        } catch (ZipException e) {
            throw Refusals.badRequest(what + " is not valid gzip: " + e.getMessage(), e);
        } catch (EOFException e) {
            throw Refusals.badRequest(what + " is not valid gzip: it ends too early", e);
        } catch (IOException e) {
            throw Refusals.clientGone(e);
        }
    }

    /// The connection ended before the body did.
    static final class ClientGoneException extends IOException {
        ClientGoneException(Throwable cause) {
            super("the connection ended before the request body did", cause);
        }
    }

    /// The web server has an unchecked exception of its own for a body that stops early.
    private static final class ClientStream extends FilterInputStream {
        ClientStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (DataReader.InsufficientDataAvailableException | UncheckedIOException e) {
                throw new ClientGoneException(e);
            } catch (IllegalArgumentException | IncorrectNewLineException e) {
                throw Refusals.badChunk(e);
            }
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (DataReader.InsufficientDataAvailableException | UncheckedIOException e) {
                throw new ClientGoneException(e);
            } catch (IllegalArgumentException | IncorrectNewLineException e) {
                throw Refusals.badChunk(e);
            }
        }

        @Override
        public void close() throws IOException {
            // What is left of the body is the front door's business: it reads it, or ends the connection.
        }
    }

    private static final class Inflated extends FilterInputStream {
        Inflated(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            try {
                return super.read(buffer, offset, length);
            } catch (ZipException | EOFException e) {
                throw Refusals.badRequest("the body cannot be inflated: " + (e.getMessage() == null ? "it ends too early" : e.getMessage()), e);
            }
        }
    }

    private static InputStream gunzip(InputStream raw, Announcement announcement) throws IOException {
        var sniffed = new PushbackInputStream(raw, 2);
        byte[] magic = sniffed.readNBytes(2);
        sniffed.unread(magic);
        boolean isGzip = magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
        if (isGzip) {
            return new GzipMembers(sniffed, BUFFER_BYTES);
        }
        // Nothing at all is said to be empty by whoever reads it.
        if (announcement == Announcement.HOLDS && magic.length > 0) {
            throw new ZipException("'Content-Encoding: gzip' is announced and the content is not in GZIP format");
        }
        return sniffed;
    }
}
