package io.conshelf.engine.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.store.ClusterPolicies;
import io.conshelf.engine.store.PolicyKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/// Files that web servers give: on this machine, or where the configuration says `live`, and nowhere that the callout policy
/// forbids. A redirection is not followed, as it may lead anywhere.
public final class WebFiles {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern LOOPBACK = Pattern.compile("(?i)localhost|127(?:\\.\\d{1,3}){3}|\\[(?:::1|0:0:0:0:0:0:0:1)]");
    private static final String CALLOUT_TYPE = "external_data";
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
    private static final Duration ANSWER_MAX = Duration.ofMinutes(1);
    private static final long BYTES_MAX = 6L << 30;

    private final Set<String> live;
    private final ClusterPolicies policies;
    private final Path stagingFolder;

    /// @param live hosts that may be reached beside this machine
    public WebFiles(Set<String> live, ClusterPolicies policies, Path stagingFolder) {
        this.live = live;
        this.policies = policies;
        this.stagingFolder = stagingFolder;
    }

    /// Whether it is a file of a web server that may be asked.
    public boolean reaches(StorageUri uri) {
        String scheme = String.valueOf(uri.location().getScheme()).toLowerCase(Locale.ROOT);
        String host = String.valueOf(uri.location().getHost()).toLowerCase(Locale.ROOT);
        boolean isPlain = switch (uri.access()) {
            case StorageUri.Access.None _, StorageUri.Access.Signature _ -> true;
            case StorageUri.Access.Key _, StorageUri.Access.Identity _ -> false;
        };
        return isPlain && (scheme.equals("http") || scheme.equals("https"))
                && (LOOPBACK.matcher(host).matches() || live.contains(host));
    }

    /// The file's content, in the staging folder; whoever asked for it deletes it.
    public Path fetch(StorageUri uri) {
        refusing(uri.toString()).ifPresent(pattern -> {
            throw failed("Download_Forbidden", "the callout policy of the cluster forbids calls of the type '" + CALLOUT_TYPE + "' to '"
                    + uri + "' (CalloutUriRegex '" + pattern + "')");
        });
        var request = HttpRequest.newBuilder(address(uri)).timeout(ANSWER_MAX).GET().build();
        try (var client = HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NEVER)
                        .connectTimeout(CONNECT_MAX)
                        .build();
                var content = body(uri, client.send(request, HttpResponse.BodyHandlers.ofInputStream()))) {
            return stored(uri, content);
        } catch (IOException e) {
            throw new KustoException(transientError("'" + uri + "' cannot be read: " + e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(transientError("reading '" + uri + "' was interrupted"), e);
        }
    }

    private static URI address(StorageUri uri) {
        return uri.access() instanceof StorageUri.Access.Signature(String query)
                ? URI.create(uri.location() + "?" + query)
                : uri.location();
    }

    private static InputStream body(StorageUri uri, HttpResponse<InputStream> response) throws IOException {
        int status = response.statusCode();
        if (status == 200) {
            return response.body();
        }
        response.body().close();
        String answered = "'" + uri + "' was answered with the status " + status;
        throw switch (status) {
            case 404, 410 -> failed("Download_SourceNotFound", answered);
            case 401, 403 -> failed("Download_Forbidden", answered);
            case 408, 429, 500, 502, 503, 504 -> new KustoException(transientError(answered));
            default -> failed("Download_NotTransient", answered + (status / 100 == 3 ? "; redirections are not followed" : ""));
        };
    }

    private Path stored(StorageUri uri, InputStream content) throws IOException {
        Path file = stagingFolder.resolve("web-" + UUID.randomUUID());
        boolean isWhole = false;
        try (var out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1 << 16];
            long total = 0;
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                total += count;
                if (total > BYTES_MAX) {
                    throw failed("BadRequest_FileTooLarge", "'" + uri + "' has more than " + BYTES_MAX + " bytes");
                }
                out.write(buffer, 0, count);
            }
            isWhole = true;
            return file;
        } finally {
            if (!isWhole) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// The pattern of the callout policy that says no.
    private Optional<String> refusing(String uri) {
        var policy = policies.policy(PolicyKind.CALLOUT);
        if (policy.isEmpty()) {
            return Optional.empty();
        }
        try {
            for (var entry : JSON.readTree(policy.get())) {
                String pattern = entry.path("CalloutUriRegex").asText();
                if (!entry.path("CanCall").asBoolean() && entry.path("CalloutType").asText().equalsIgnoreCase(CALLOUT_TYPE)
                        && Pattern.compile(pattern).matcher(uri).find()) {
                    return Optional.of(pattern);
                }
            }
            return Optional.empty();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored callout policy is not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static KustoException failed(String code, String message) {
        return new KustoException(Errors.storage(code, message));
    }

    private static ServiceError transientError(String message) {
        var error = Errors.storage("Download_UnknownError", message);
        return new ServiceError(error.httpStatus(), error.code(), error.type(), error.message(), false, error.inner());
    }
}
