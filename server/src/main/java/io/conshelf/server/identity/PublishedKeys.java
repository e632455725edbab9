package io.conshelf.server.identity;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSetUnavailableException;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of a trusted tenant as they are published. The whole answer has a time and a size, whatever is sent and however slowly, redirections
/// lead nowhere, and keys that are too weak, or so large that checking with them takes long, are left out.
final class PublishedKeys implements JWKSetSource<SecurityContext> {
    static final Duration FETCH_MAX = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(PublishedKeys.class);
    private static final int BYTES_MAX = 1 << 20;
    /// Entra publishes about ten.
    private static final int KEYS_MAX = 100;
    private static final int BITS_MIN = 2_048;
    private static final int BITS_MAX = 8_192;
    private static final int EXPONENT_BITS_MAX = 32;

    private final URI place;
    private final HttpRequest request;
    private volatile boolean wereHad;

    /// @throws IllegalArgumentException when the place is none that can be asked
    PublishedKeys(URI place) {
        this.place = place;
        this.request = HttpRequest.newBuilder(place).header("Accept", "application/json").GET().build();
    }

    /// Whether they could be had at least once.
    boolean wereHad() {
        return wereHad;
    }

    @Override
    public JWKSet getJWKSet(JWKSetCacheRefreshEvaluator evaluator, long now, SecurityContext context) throws JWKSetUnavailableException {
        String text = fetched();
        List<JWK> published;
        try {
            published = JWKSet.parse(text).getKeys();
        } catch (ParseException e) {
            throw new JWKSetUnavailableException("what is at " + place + " is no set of keys", e);
        }
        if (published.size() > KEYS_MAX) {
            throw new JWKSetUnavailableException(place + " has " + published.size() + " keys; up to " + KEYS_MAX + " are taken");
        }
        List<JWK> usable = published.stream().filter(PublishedKeys::isUsable).toList();
        if (usable.size() < published.size()) {
            LOG.warn("{} of the keys at {} are not used: they are no RSA keys of {} to {} bits", published.size() - usable.size(), place, BITS_MIN, BITS_MAX);
        }
        wereHad = true;
        return new JWKSet(usable);
    }

    private String fetched() throws JWKSetUnavailableException {
        var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).followRedirects(HttpClient.Redirect.NEVER).connectTimeout(FETCH_MAX).build();
        try {
            HttpResponse<byte[]> answer = client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX))
                    .get(FETCH_MAX.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != 200) {
                throw new JWKSetUnavailableException(place + " was answered with the status " + answer.statusCode());
            }
            return new String(answer.body(), StandardCharsets.UTF_8);
        } catch (TimeoutException e) {
            throw new JWKSetUnavailableException(place + " did not give all of its keys in " + FETCH_MAX.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new JWKSetUnavailableException(place + " cannot be read: " + Optional.ofNullable(e.getCause()).orElse(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JWKSetUnavailableException("reading " + place + " was interrupted", e);
        } finally {
            client.shutdownNow();
        }
    }

    private static boolean isUsable(JWK key) {
        if (!(key instanceof RSAKey rsa)) {
            return false;
        }
        int bits = rsa.getModulus().decodeToBigInteger().bitLength();
        BigInteger exponent = rsa.getPublicExponent().decodeToBigInteger();
        // An exponent of one would take any text for its own signature.
        return bits >= BITS_MIN && bits <= BITS_MAX && exponent.compareTo(BigInteger.TWO) > 0 && exponent.testBit(0) && exponent.bitLength() <= EXPONENT_BITS_MAX;
    }

    @Override
    public void close() throws IOException {
        // Nothing is open between two requests.
    }
}
