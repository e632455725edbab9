package io.conshelf.server.storage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.helidon.common.uri.UriPath;
import io.helidon.http.HeaderNames;
import io.helidon.http.PathMatcher;
import io.helidon.http.PathMatchers;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The storage endpoints, path style: `/{account}/{resource…}` for the three accounts of [StorageAccount]. To be registered
/// at the root; other paths pass by. A slash behind the account may come as `%2F`.
/// Accounts of any other name are known by their signature: what carries none passes by.
public final class StorageRoutes implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(StorageRoutes.class);
    private static final String DEFAULT_VERSION = "2021-12-02";
    private static final Pattern VERSION = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern CLIENT_REQUEST_ID = Pattern.compile("[\\x21-\\x7E]{1,1024}");
    private static final JsonFactory JSON = new JsonFactory();

    private final Denials denials;
    private final Authorizer authorizer;
    private final ClientHosts hosts;
    private final Storage.Accounts accounts;
    private final BlobRequests blobs;
    private final QueueRequests queues;
    private final TableRequests tables;

    /// Is told of requests that were refused for who asks.
    public interface Denials {
        /// @param what method and path, without the signature
        /// @param from the client's address
        void denied(String what, String from, int status, String code, String reason, String requestId);
    }

    StorageRoutes(
            Denials denials, BlobStore blobs, QueueStore queues, EntityStore tables, Authorizer authorizer, ClientHosts hosts, StorageLimits limits,
            Storage.Accounts accounts) {
        this.denials = denials;
        this.authorizer = authorizer;
        this.hosts = hosts;
        this.accounts = accounts;
        this.blobs = new BlobRequests(blobs, authorizer, hosts, limits);
        this.queues = new QueueRequests(queues, limits);
        this.tables = new TableRequests(tables, hosts, limits);
    }

    @Override public void routing(HttpRules rules) {
        rules.route(_ -> true, new AccountPaths(accounts), this::handle);
    }

    /// Matches on the raw path: the router itself doesn't take `%2F` for a slash.
    private record AccountPaths(Storage.Accounts accounts) implements PathMatcher {
        @Override public PathMatchers.MatchResult match(UriPath path) {
            boolean isNamed = accounts != Storage.Accounts.RESERVED && StorageAddress.owner(path.rawPath()).isPresent();
            return isNamed || StorageAddress.account(path.rawPath()).isPresent()
                    ? PathMatchers.any().match(path)
                    : PathMatchers.MatchResult.notAccepted();
        }

        @Override public PathMatchers.PrefixMatchResult prefixMatch(UriPath path) {
            return PathMatchers.PrefixMatchResult.notAccepted();
        }
    }

    private void handle(ServerRequest http, ServerResponse response) throws IOException {
        Optional<String> owner = StorageAddress.owner(http.prologue().uriPath().rawPath());
        if (owner.isPresent() && !isMeantFor(owner.get(), http)) {
            response.next();
            return;
        }
        String requestId = UUID.randomUUID().toString();
        Reply reply = new Reply(response);
        reply.header("Server", "Conshelf-Storage").header("x-ms-request-id", requestId).header("x-ms-version", version(http));
        http.headers().first(HeaderNames.create("x-ms-client-request-id"))
                .filter(id -> CLIENT_REQUEST_ID.matcher(id).matches())
                .ifPresent(id -> reply.header("x-ms-client-request-id", id));
        try {
            StorageRequest request = StorageRequest.of(http);
            Grant grant = authorizer.authorize(request);
            switch (request.address().account()) {
                case BLOB -> blobs.handle(request, grant, reply);
                case QUEUE -> queues.handle(request, grant, reply);
                case TABLE -> tables.handle(request, grant, reply);
            }
        } catch (StorageException e) {
            if (reply.isSent()) {
                throw e; // half an answer is out: the connection must break, so that the client can tell
            }
            if (e.code().status() >= 500) {
                LOG.warn("storage request {} failed: {}", requestId, e.getMessage(), e.getCause());
            }
            refuse(http, reply, requestId, e);
        } catch (IOException e) {
            if (reply.isSent()) {
                throw e;
            }
            LOG.warn("storage request {} failed", requestId, e);
            refuse(http, reply, requestId, StorageException.io("answering", e));
        }
    }

    /// The key of a named account may be known to all, so a page that has talked a browser into another name for this machine must not get in.
    private boolean isMeantFor(String owner, ServerRequest http) {
        boolean isSigned = http.headers().first(HeaderNames.AUTHORIZATION)
                .map(header -> header.startsWith("SharedKey " + owner + ":") || header.startsWith("SharedKeyLite " + owner + ":"))
                .orElse(http.query().contains("sig") && http.query().contains("sv"));
        return isSigned && hosts.base("http", http.authority()).isPresent();
    }

    private static String version(ServerRequest http) {
        return http.headers().first(HeaderNames.create("x-ms-version"))
                .filter(version -> VERSION.matcher(version).matches())
                .orElse(DEFAULT_VERSION);
    }

    private void refuse(ServerRequest http, Reply reply, String requestId, StorageException e) throws IOException {
        if (e.code().status() == 401 || e.code().status() == 403) {
            denials.denied(http.prologue().method().text() + " " + http.prologue().uriPath().rawPath(), StorageRequest.client(http), e.code().status(),
                    e.code().code(), e.getMessage(), requestId);
        }
        reply.header("x-ms-error-code", e.code().code());
        String method = http.prologue().method().text();
        if (method.equals("HEAD") || e.code() == StorageCode.NOT_MODIFIED) {
            reply.send(e.code().status());
            return;
        }
        String message = e.getMessage() + "\nRequestId:" + requestId;
        Optional<StorageAccount> account = StorageAddress.account(http.prologue().uriPath().rawPath());
        if (account.isPresent() && account.get() == StorageAccount.TABLE) {
            reply.send(e.code().status(), "application/json", json(e.code(), message));
        } else {
            reply.xml(e.code().status(),
                    new Xml().open("Error").leaf("Code", e.code().code()).leaf("Message", message).close().bytes());
        }
    }

    private static byte[] json(StorageCode code, String message) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeObjectFieldStart("odata.error");
            out.writeStringField("code", code.code());
            out.writeObjectFieldStart("message");
            out.writeStringField("lang", "en-US");
            out.writeStringField("value", message);
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
