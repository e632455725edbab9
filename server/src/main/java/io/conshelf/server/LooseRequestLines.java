package io.conshelf.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataListener;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.buffers.LazyString;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.DirectHandler;
import io.helidon.http.RequestException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.ServerConnectionException;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// HTTP/1.1 whose request line may hold what it should have percent-encoded: the Java client concatenates names of
/// databases and tables into its paths as they are, with blanks and letters beyond ASCII.
final class LooseRequestLines implements ServerConnectionSelector {
    private static final Logger LOG = LoggerFactory.getLogger(LooseRequestLines.class);
    private static final String SEPARATORS = "()<>@,;:\\\"/[]?={}";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final Http1ConnectionSelector strict;
    private final Clients clients;

    LooseRequestLines(Http1Config config, Clients clients) {
        this.clients = clients;
        this.strict = Http1ConnectionSelector.builder().config(config).build();
    }

    @Override
    public int bytesToIdentifyConnection() {
        return strict.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return strict.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return strict.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        var reader = new Reader(context.dataReader(), context.serverSocket());
        var writer = new OneAnswer(context.dataWriter());
        return clients.known(context.socketId() + context.childSocketId(), context.remotePeer().address(), reader, writer, strict.connection(new Context(context, reader, writer)));
    }

    /// Encodes what stands between the method and the protocol, if it needs to be.
    static byte[] encoded(byte[] line) {
        int start = 0;
        while (start < line.length && line[start] != ' ') {
            start++;
        }
        int end = line.length - 1;
        while (end > start && line[end] != ' ') {
            end--;
        }
        if (end <= start || isPlain(line, start + 1, end)) {
            return line;
        }
        var encoded = new ByteArrayOutputStream(line.length + 32);
        encoded.write(line, 0, start + 1);
        for (int i = start + 1; i < end; i++) {
            if (line[i] > ' ' && line[i] != 0x7f) {
                encoded.write(line[i]);
            } else {
                encoded.write('%');
                encoded.writeBytes(HEX.toHexDigits(line[i]).getBytes(StandardCharsets.US_ASCII));
            }
        }
        encoded.write(line, end, line.length - end);
        return encoded.toByteArray();
    }

    /// Whether what stands before the first blank is a token, as a method has to be.
    private static boolean hasMethod(byte[] line) {
        int end = 0;
        while (end < line.length && line[end] != ' ') {
            if (line[end] <= ' ' || line[end] == 0x7f || SEPARATORS.indexOf(line[end]) >= 0) {
                return false;
            }
            end++;
        }
        return true;
    }

    private static boolean isPlain(byte[] line, int start, int end) {
        for (int i = start; i < end; i++) {
            if (line[i] <= ' ' || line[i] == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /// Reads as the connection's own reader does. `readBytes` is how the request line is read, and nothing else.
    ///
    /// What has been read of a connection is a chain of pieces, each of which knows the next. One that grew old while the connection was idle would keep all
    /// that follow from being collected with the young, as long as the connection lasts: so where nothing is left to read a new chain begins.
    static final class Reader extends DataReader implements Clients.Presence {
        private final Supplier<byte[]> socket;
        private volatile DataReader connection;
        private UnaryOperator<DataReader> listened = UnaryOperator.identity();
        private volatile Optional<Thread> ahead = Optional.empty();
        private volatile boolean isGone;
        private final Pace pace = new Pace(System.nanoTime());
        private byte[] first;

        // The constructor will go in a later version of the web server. Nothing else lets a request line be mended before
        // it is refused, and FrontDoorTest will tell when that has to be found anew.
        @SuppressWarnings("removal")
        Reader(DataReader connection, Supplier<byte[]> socket) {
            super(() -> null);
            // What told the protocol was read without counting.
            this.first = new byte[connection.available()];
            if (first.length > 0) {
                connection.readBuffer(first.length).read(first);
            }
            this.socket = () -> pace.read(() -> {
                if (first.length > 0) {
                    byte[] read = first;
                    first = new byte[0];
                    return read;
                }
                try {
                    return socket.get();
                } catch (UncheckedIOException e) {
                    throw new ServerConnectionException("The socket cannot be read", e);
                }
            });
            this.connection = DataReader.create(this.socket);
            if (first.length > 0) {
                this.connection.ensureAvailable();
            }
        }

        @Override
        public void begins() {
            pace.begins(connection.available());
        }

        @Override
        public void ends() {
            pace.ends();
        }

        @Override
        public boolean isTooSlow(long nowNanos) {
            return pace.isTooSlow(nowNanos);
        }

        /// Reads ahead, which is the only way to learn of an end. What comes is kept for the next request.
        @Override
        public boolean isGone() {
            if (ahead.isEmpty() && connection.available() == 0) {
                ahead = Optional.of(Thread.ofVirtual().name("conshelf-ahead").start(() -> {
                    try {
                        connection.ensureAvailable();
                    } catch (DataReader.InsufficientDataAvailableException e) {
                        isGone = true;
                    } catch (RuntimeException e) {
                        isGone = isReset(e);
                        if (!isGone) {
                            // Whoever reads next meets it again, if it stays.
                            LOG.debug("A connection could not be read ahead of its next request: {}", e.getMessage());
                        }
                    }
                }));
            }
            return isGone;
        }

        // A time that runs out, say, is no end.
        private static boolean isReset(Throwable failure) {
            for (Optional<Throwable> at = Optional.of(failure); at.isPresent(); at = at.map(Throwable::getCause)) {
                if (at.get() instanceof SocketException || at.get() instanceof EOFException) {
                    return true;
                }
            }
            return false;
        }

        // Whoever reads needs what is being read ahead, and nobody may read beside it.
        private DataReader connection() {
            Optional<Thread> reading = ahead;
            boolean isInterrupted = false;
            while (reading.isPresent() && ahead.isPresent()) {
                try {
                    reading.get().join();
                    ahead = Optional.empty();
                } catch (InterruptedException e) {
                    // The connection is being closed, which ends the reading ahead soon.
                    isInterrupted = true;
                    reading.get().interrupt();
                }
            }
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
            if (connection.available() == 0) {
                connection = listened.apply(DataReader.create(socket));
            }
            return connection;
        }

        @Override
        public byte[] readBytes(int length) {
            byte[] line = connection().readBytes(length);
            if (!hasMethod(line)) {
                // the web server takes it for a mistake of its own
                throw RequestException.builder().type(DirectHandler.EventType.BAD_REQUEST).message("the method is not one of HTTP").build();
            }
            return encoded(line);
        }

        @Override
        public int available() {
            return connection.available();
        }

        @Override
        public void pullData() {
            connection().pullData();
        }

        @Override
        public void skip(int length) {
            connection().skip(length);
        }

        @Override
        public void ensureAvailable() {
            connection().ensureAvailable();
        }

        @Override
        public byte read() {
            return connection().read();
        }

        @Override
        public byte lookup() {
            return connection().lookup();
        }

        @Override
        public boolean startsWithNewLine() {
            return connection().startsWithNewLine();
        }

        @Override
        public boolean startsWith(byte[] bytes) {
            return connection().startsWith(bytes);
        }

        @Override
        public BufferData readBuffer() {
            return connection().readBuffer();
        }

        @Override
        public BufferData readBuffer(int length) {
            return connection().readBuffer(length);
        }

        @Override
        public BufferData getBuffer(int length) {
            return connection().getBuffer(length);
        }

        @Override
        public LazyString readLazyString(Charset charset, int length) {
            return connection().readLazyString(charset, length);
        }

        @Override
        public String readAsciiString(int length) {
            return connection().readAsciiString(length);
        }

        @Override
        public String readLine() throws IncorrectNewLineException {
            return connection().readLine();
        }

        @Override
        public int findOrNewLine(byte wanted, int max) throws IncorrectNewLineException {
            return connection().findOrNewLine(wanted, max);
        }

        @Override
        public String debugDataHex() {
            return connection().debugDataHex();
        }

        @Override
        public int findNewLine(int max) throws IncorrectNewLineException {
            return connection().findNewLine(max);
        }

        @Override
        public <T> void listener(DataListener<T> listener, T context) {
            connection().listener(listener, context);
            listened = fresh -> {
                fresh.listener(listener, context);
                return fresh;
            };
        }
    }

    private record Context(ConnectionContext connection, DataReader dataReader, DataWriter dataWriter) implements ConnectionContext {
        @Override
        public ListenerContext listenerContext() {
            return connection.listenerContext();
        }

        @Override
        public ExecutorService executor() {
            return connection.executor();
        }

        @Override
        public Router router() {
            return connection.router();
        }

        @Override
        public Optional<ProxyProtocolData> proxyProtocolData() {
            return connection.proxyProtocolData();
        }

        @Override
        public HelidonSocket serverSocket() {
            return connection.serverSocket();
        }

        @Override
        public PeerInfo remotePeer() {
            return connection.remotePeer();
        }

        @Override
        public PeerInfo localPeer() {
            return connection.localPeer();
        }

        @Override
        public boolean isSecure() {
            return connection.isSecure();
        }

        @Override
        public String socketId() {
            return connection.socketId();
        }

        @Override
        public String childSocketId() {
            return connection.childSocketId();
        }
    }
}
