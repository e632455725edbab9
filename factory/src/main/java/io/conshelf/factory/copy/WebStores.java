package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.http.HttpFiles;
import io.conshelf.connectors.http.WebAuthentication;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.rest.RestPages;
import io.conshelf.connectors.rest.RestTarget;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Web servers that give a file (HttpServer), and services that answer with JSON and take it (RestService).
final class WebStores {
    private static final String ENCRYPTED = "secrets stand in the definition or in a key vault";
    private static final String NO_CERTIFICATES = "client certificates are not supported yet";
    private static final Duration TIMEOUT = Duration.ofSeconds(100);
    private static final Duration TIMEOUT_MAX = Duration.ofHours(24);
    private static final int ROWS_MAX = 10_000;

    static final FileStoreType HTTP = new FileStoreType(
            List.of(type("HttpServer").needs("url").takes("authenticationType", "userName", "password", "authHeaders")
                    .refuses("embeddedCertData", NO_CERTIFICATES).refuses("certThumbprint", NO_CERTIFICATES)
                    .takes("enableServerCertificateValidation").ignores("encryptedCredential", ENCRYPTED).build()),
            type("HttpServerLocation").takes("relativeUrl").refuses("folderPath", "'relativeUrl' names the file")
                    .refuses("fileName", "'relativeUrl' names the file").build(),
            type("HttpReadSettings").takes("requestMethod", "requestBody", "additionalHeaders", "requestTimeout")
                    .refuses("additionalColumns", "name them in the source").refuses("enablePartitionDiscovery", "there is one file")
                    .ignores("partitionRootPath", "used with partition discovery only").ignores("maxConcurrentConnections", "there is one file")
                    .ignores("disableMetricsCollection", "no metrics are collected").build(),
            Optional.empty(), Optional.empty(), WebStores::http);

    static final RowStoreType REST = new RowStoreType(
            List.of(type("RestService").needs("url").takes("authenticationType", "userName", "password", "authHeaders", "authHeader", "servicePrincipalId",
                            "servicePrincipalKey", "tenant", "azureCloudType", "aadResourceId", "credential", "clientId", "clientSecret", "tokenEndpoint",
                            "resource", "scope", "servicePrincipalCredentialType", "enableServerCertificateValidation")
                    .refuses("servicePrincipalEmbeddedCert", NO_CERTIFICATES).refuses("servicePrincipalEmbeddedCertPassword", NO_CERTIFICATES)
                    .ignores("encryptedCredential", ENCRYPTED).build()),
            List.of(type("RestResource").takes("relativeUrl", "requestMethod", "requestBody", "additionalHeaders", "paginationRules").build()),
            List.of(Declaration.source("RestSource").takes("requestBody", "additionalHeaders", "paginationRules", "httpRequestTimeout", "requestInterval")
                    .takes(ValueKind.oneOf("GET", "POST"), "requestMethod").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN).build()),
            List.of(Declaration.sink("RestSink").takes("additionalHeaders", "httpRequestTimeout", "requestInterval")
                    .takes(ValueKind.oneOf("POST", "PUT", "PATCH"), "requestMethod").takes(ValueKind.oneOf("none", "gzip"), "httpCompressionType")
                    .takes(ValueKind.from(1), "writeBatchSize").ignores("writeBatchTimeout", "'httpRequestTimeout' bounds each request").build()),
            Optional.empty(), Optional.of(WebStores::target));

    private WebStores() {}

    static boolean isResource(Dataset dataset) {
        return Catalogue.isAmong(REST.datasets(), dataset.type());
    }

    private static FileStore http(Stores stores, LinkedService service, Located location, Located settings) throws ActivityFailure, StoreException {
        URI home = WebClient.address(service.properties().at("url").text(""));
        Map<String, String> headers = headers(settings.at("additionalHeaders"));
        WebClient client = client(stores, service, home, duration(settings.at("requestTimeout"), TIMEOUT));
        WebRequest request = new WebRequest(method(settings.at("requestMethod"), "GET", Set.of("GET", "POST")),
                WebClient.address(joined(home.toString(), location.at("relativeUrl").text(""))), headers,
                settings.at("requestBody").text("").getBytes(StandardCharsets.UTF_8));
        return stores.closing(new HttpFiles(client, request));
    }

    /// The pages of a resource, as files of JSON.
    static FileStore pages(Stores stores, Dataset dataset, Located source) throws ActivityFailure, StoreException {
        LinkedService service = dataset.linkedService();
        URI home = WebClient.address(service.properties().at("url").text(""));
        Map<String, String> headers = headers(dataset.properties().at("additionalHeaders"));
        headers.putAll(headers(source.at("additionalHeaders")));
        String method = method(first(source, dataset, "requestMethod"), "GET", Set.of("GET", "POST"));
        String url = joined(home.toString(), dataset.properties().at("relativeUrl").text(""));
        Located body = first(source, dataset, "requestBody");
        Map<String, String> rules = new LinkedHashMap<>();
        for (Map.Entry<String, Located> rule : first(source, dataset, "paginationRules").properties()) {
            if (rule.getValue().isPresent()) {
                rules.put(rule.getKey(), rule.getValue().value().asText());
            }
        }
        if (!body.text("").isEmpty()) {
            headers.putIfAbsent("Content-Type", "application/json");
        }
        WebClient client = client(stores, service, home, duration(source.at("httpRequestTimeout"), TIMEOUT));
        return stores.closing(new RestPages(client, new RestPages.First(method, url, headers, body.text("")), rules,
                duration(source.at("requestInterval"), Duration.ofSeconds(1))));
    }

    private static RowTarget target(Stores stores, Dataset dataset, Located sink) throws ActivityFailure, StoreException {
        LinkedService service = dataset.linkedService();
        URI home = WebClient.address(service.properties().at("url").text(""));
        Map<String, String> headers = headers(sink.at("additionalHeaders"));
        long rows = sink.at("writeBatchSize").integer().orElse((long) ROWS_MAX);
        if (rows < 1 || rows > 1_000_000) {
            throw StoreException.user("UserErrorInvalidBatchSize", "'" + sink.at("writeBatchSize").path() + "' is a number of rows, found " + rows);
        }
        String packing = sink.at("httpCompressionType").text("none").toLowerCase(Locale.ROOT);
        if (!packing.equals("none") && !packing.equals("gzip")) {
            throw StoreException.user("UserErrorInvalidCompression", "'" + sink.at("httpCompressionType").path() + "' is none or gzip, found '" + packing + "'");
        }
        long interval = sink.at("requestInterval").integer().orElse(0L);
        if (interval != 0 && (interval < 10 || interval > 60_000)) {
            throw StoreException.user("UserErrorInvalidRequestInterval", "'" + sink.at("requestInterval").path() + "' is 10 to 60000 milliseconds, found " + interval);
        }
        return new RestTarget(client(stores, service, home, duration(sink.at("httpRequestTimeout"), TIMEOUT)), new RestTarget.Requests(
                method(sink.at("requestMethod"), "POST", Set.of("POST", "PUT", "PATCH")),
                WebClient.address(joined(home.toString(), dataset.properties().at("relativeUrl").text(""))), headers, (int) rows,
                packing.equals("gzip") ? RestTarget.Packing.GZIP : RestTarget.Packing.NONE, Duration.ofMillis(interval)));
    }

    private static WebClient client(Stores stores, LinkedService service, URI home, Duration timeout) throws ActivityFailure, StoreException {
        if (!service.properties().at("enableServerCertificateValidation").flag().orElse(true)) {
            throw ActivityFailure.user("UnsupportedConnection", "'" + service.properties().at("enableServerCertificateValidation").path()
                    + "' is false: certificates are always checked here");
        }
        return new WebClient(stores.endpoints(), home, authentication(stores, service, home), authHeaders(service), timeout);
    }

    private static WebAuthentication authentication(Stores stores, LinkedService service, URI home) throws ActivityFailure, StoreException {
        String kind = service.stated("authenticationType").orElse("Anonymous");
        return switch (kind.toLowerCase(Locale.ROOT)) {
            case "anonymous" -> new WebAuthentication.Anonymous();
            case "basic" -> new WebAuthentication.Basic(service.properties().at("userName").text(""), service.secret("password"));
            case "aadserviceprincipal", "managedserviceidentity" -> {
                if (Endpoints.isLoopback(home.getHost())) {
                    throw ActivityFailure.user("UnsupportedAuthentication", "'" + kind + "' signs in with Microsoft Entra, which has no tokens for '"
                            + home.getHost() + "'");
                }
                if (!stores.endpoints().allows(home.getHost())) {
                    yield new WebAuthentication.Anonymous(); // the client says that it may not be reached
                }
                AzureIdentity identity = stores.identity(service);
                yield new WebAuthentication.Entra(identity, service.stated("aadResourceId").orElseThrow(() -> ActivityFailure.user("UserErrorMissingProperty",
                        "'" + service.properties().at("aadResourceId").path() + "' is needed: what the token is for")));
            }
            case "oauth2clientcredential" -> {
                Map<String, String> others = new LinkedHashMap<>();
                service.stated("scope").ifPresent(scope -> others.put("scope", scope));
                service.stated("resource").ifPresent(resource -> others.put("resource", resource));
                yield new WebAuthentication.ClientCredentials(WebClient.address(service.properties().at("tokenEndpoint").text("")),
                        service.properties().at("clientId").text(""), service.secret("clientSecret"), others);
            }
            default -> throw ActivityFailure.user("UnsupportedAuthentication", "'" + service.properties().at("authenticationType").path() + "' is '" + kind
                    + "', which is not supported yet; Anonymous, Basic" + (service.type().equalsIgnoreCase("RestService")
                    ? ", AadServicePrincipal, ManagedServiceIdentity and OAuth2ClientCredential are" : " and 'authHeaders' are"));
        };
    }

    private static Map<String, String> authHeaders(LinkedService service) throws ActivityFailure, StoreException {
        Located stated = service.properties().at("authHeaders").isPresent() ? service.properties().at("authHeaders") : service.properties().at("authHeader");
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, Located> header : stated.properties()) {
            headers.put(header.getKey(), service.secrets().read(header.getValue()));
        }
        return headers;
    }

    /// Headers as an object, or as text with one `name: value` a line.
    private static Map<String, String> headers(Located stated) throws StoreException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, Located> header : stated.properties()) {
            headers.put(header.getKey(), header.getValue().value().asText());
        }
        for (String line : stated.text("").lines().filter(text -> !text.isBlank()).toList()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw StoreException.user("UserErrorInvalidHttpHeader", "'" + stated.path() + "' has a line that is not 'name: value'");
            }
            headers.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
        return headers;
    }

    private static Located first(Located source, Dataset dataset, String property) {
        return source.at(property).isPresent() ? source.at(property) : dataset.properties().at(property);
    }

    private static String method(Located stated, String otherwise, Set<String> known) throws StoreException {
        String method = stated.text(otherwise).strip().toUpperCase(Locale.ROOT);
        if (!known.contains(method)) {
            throw StoreException.user("UserErrorInvalidHttpMethod", "'" + stated.path() + "' is one of " + known.stream().sorted().toList() + ", found '" + method + "'");
        }
        return method;
    }

    private static Duration duration(Located stated, Duration otherwise) throws StoreException {
        if (!stated.isPresent()) {
            return otherwise;
        }
        // Articles write the interval as a time, and as milliseconds.
        Duration duration = stated.integer().map(Duration::ofMillis).or(() -> stated.text().flatMap(Activity::duration))
                .orElseThrow(() -> StoreException.user("UserErrorInvalidTime", "'" + stated.path() + "' is a time such as 00:01:40"));
        if (duration.compareTo(TIMEOUT_MAX) > 0 || duration.isNegative()) {
            throw StoreException.user("UserErrorInvalidTime", "'" + stated.path() + "' is at most 1.00:00:00");
        }
        return duration;
    }

    private static String joined(String url, String relative) {
        if (relative.isBlank()) {
            return url;
        }
        String below = relative.strip();
        return below.startsWith("?") ? url + below : url.replaceFirst("/+$", "") + "/" + below.replaceFirst("^/+", "");
    }
}
