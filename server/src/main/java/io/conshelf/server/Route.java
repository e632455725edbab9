package io.conshelf.server;

import io.conshelf.server.identity.TokenRequests;
import io.conshelf.server.service.HostedService;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/// What a path asks for. Everything below `/v1/rest` and `/v2/rest` answers under any prefix too, because clients keep a
/// path of the cluster's URI in front of it.
sealed interface Route {
    /// The route's name in metrics.
    default String metricName() {
        return switch (this) {
            case Query(int version) -> "v" + version + "_query";
            case Command _ -> "mgmt";
            case StreamingIngest _ -> "ingest_streaming";
            case AuthMetadata _ -> "auth_metadata";
            case Ping _ -> "ping";
            case IngestionConfiguration _ -> "ingestion_configuration";
            case QueuedIngest _ -> "ingest_queued";
            case QueuedStatus _ -> "ingest_queued_status";
            case Backup _ -> "backup";
            case Hosted(HostedService service) -> service.name().toLowerCase(Locale.ROOT).replace(' ', '_');
            case Ready _ -> "health_ready";
            case Live _ -> "health_live";
            case Metrics _ -> "metrics";
            case Home _ -> "home";
            case Token _ -> "token";
            case OpenId _, TokenKeys _, Instances _ -> "token_metadata";
            case ManagedIdentity _, MetadataService _ -> "token_managed_identity";
            case Authorize _, DeviceCode _, DevicePage _ -> "sign_in";
            case Applications _ -> "applications";
            case Users _ -> "users";
        };
    }

    record Query(int version) implements Route {}

    record Command() implements Route {}

    record StreamingIngest(String database, String table) implements Route {}

    record AuthMetadata() implements Route {}

    record Ping() implements Route {}

    record IngestionConfiguration() implements Route {}

    record QueuedIngest(String database, String table) implements Route {}

    record QueuedStatus(String database, String table, String operationId) implements Route {}

    record Backup() implements Route {}

    /// What a service beside the cluster answers; it knows its methods itself.
    record Hosted(HostedService service) implements Route {}

    record Ready() implements Route {}

    record Live() implements Route {}

    record Metrics() implements Route {}

    record Home() implements Route {}

    /// What belongs to signing in, in the forms of Microsoft Entra.
    sealed interface Identity extends Route {}

    record Token(String tenant, TokenRequests.Version version) implements Identity {}

    record OpenId(String tenant, TokenRequests.Version version) implements Identity {}

    record TokenKeys() implements Identity {}

    record Instances() implements Identity {}

    record ManagedIdentity() implements Identity {}

    /// As virtual machines have it.
    record MetadataService() implements Identity {}

    /// The page on which people sign in for a program of theirs.
    record Authorize(String tenant) implements Identity {}

    record DeviceCode(String tenant) implements Identity {}

    /// The page on which people type in the code of another device.
    record DevicePage() implements Identity {}

    /// @param name of one of them; empty for all
    record Users(String name) implements Identity {}

    /// @param id of one of them; empty for all
    record Applications(String id) implements Identity {}

    /// The methods a route answers, as the `Allow` header has them.
    default String methods() {
        return switch (this) {
            case Query _, Authorize _, DevicePage _ -> "GET, POST";
            case Command _, StreamingIngest _, QueuedIngest _, Backup _, Token _, DeviceCode _ -> "POST";
            case AuthMetadata _, Ping _, IngestionConfiguration _, QueuedStatus _, Ready _, Live _, Metrics _, Home _,
                    OpenId _, TokenKeys _, Instances _, ManagedIdentity _, MetadataService _ ->
                "GET";
            case Users(String name) -> name.isEmpty() ? "GET, POST" : "PUT, DELETE";
            case Applications(String id) -> id.isEmpty() ? "GET, POST" : "DELETE";
            case Hosted _ -> "GET, POST, PUT, PATCH, DELETE";
        };
    }

    default boolean answers(String method) {
        String asGet = method.equals("HEAD") ? "GET" : method;
        return (", " + methods()).contains(", " + asGet);
    }

    /// @param rawPath still percent-encoded, without query string
    static Optional<Route> of(String rawPath) {
        switch (rawPath) {
            case "/" -> {
                return Optional.of(new Home());
            }
            case "/health/ready" -> {
                return Optional.of(new Ready());
            }
            case "/health/live" -> {
                return Optional.of(new Live());
            }
            case "/metrics" -> {
                return Optional.of(new Metrics());
            }
            case "/msi/token" -> {
                return Optional.of(new ManagedIdentity());
            }
            case "/metadata/identity/oauth2/token" -> {
                return Optional.of(new MetadataService());
            }
            case "/device" -> {
                return Optional.of(new DevicePage());
            }
            case "/common/discovery/instance" -> {
                return Optional.of(new Instances());
            }
            default -> {
                return rest(rawPath).or(() -> identity(rawPath));
            }
        }
    }

    /// `/{tenant}/…`.
    private static Optional<Route> identity(String rawPath) {
        int end = rawPath.indexOf('/', 1);
        if (end < 0) {
            return Optional.empty();
        }
        String tenant = decode(rawPath.substring(1, end));
        return Optional.ofNullable(switch (rawPath.substring(end)) {
            case "/oauth2/v2.0/token" -> new Token(tenant, TokenRequests.Version.V2);
            case "/oauth2/token" -> new Token(tenant, TokenRequests.Version.V1);
            case "/oauth2/v2.0/authorize", "/oauth2/authorize" -> new Authorize(tenant);
            case "/oauth2/v2.0/devicecode", "/oauth2/devicecode" -> new DeviceCode(tenant);
            case "/v2.0/.well-known/openid-configuration" -> new OpenId(tenant, TokenRequests.Version.V2);
            case "/.well-known/openid-configuration" -> new OpenId(tenant, TokenRequests.Version.V1);
            case "/discovery/v2.0/keys", "/discovery/keys" -> new TokenKeys();
            default -> null;
        });
    }

    private static Optional<Route> rest(String rawPath) {
        int at = rawPath.indexOf("/v1/rest/");
        int version = 1;
        if (at < 0) {
            at = rawPath.indexOf("/v2/rest/");
            version = 2;
        }
        if (at < 0) {
            return Optional.empty();
        }
        String[] segments = rawPath.substring(at + "/v1/rest/".length()).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            segments[i] = decode(segments[i]);
        }
        return Optional.ofNullable(version == 2 ? second(segments) : first(segments));
    }

    private static Route second(String[] segments) {
        return segments.length == 1 && segments[0].equals("query") ? new Query(2) : null;
    }

    private static Route first(String[] segments) {
        return switch (segments.length) {
            case 1 -> switch (segments[0]) {
                case "query" -> new Query(1);
                case "mgmt" -> new Command();
                case "ping" -> new Ping();
                case "backup" -> new Backup();
                case "applications" -> new Applications("");
                case "users" -> new Users("");
                default -> null;
            };
            case 2 -> switch (segments[0] + "/" + segments[1]) {
                case "auth/metadata" -> new AuthMetadata();
                case "ingestion/configuration" -> new IngestionConfiguration();
                default -> switch (segments[0]) {
                    case "applications" -> new Applications(segments[1]);
                    case "users" -> new Users(segments[1]);
                    default -> null;
                };
            };
            case 3 -> segments[0].equals("ingest") ? new StreamingIngest(segments[1], segments[2]) : null;
            case 4 -> segments[0].equals("ingestion") && segments[1].equals("queued")
                    ? new QueuedIngest(segments[2], segments[3])
                    : null;
            case 5 -> segments[0].equals("ingestion") && segments[1].equals("queued")
                    ? new QueuedStatus(segments[2], segments[3], segments[4])
                    : null;
            default -> null;
        };
    }

    // A plus sign is itself in a path; the decoder is made for forms.
    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw Refusals.badRequest("the path segment '" + segment + "' is not valid percent-encoding", e);
        }
    }
}
