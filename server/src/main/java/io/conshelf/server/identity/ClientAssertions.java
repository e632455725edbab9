package io.conshelf.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.conshelf.server.storage.HostName;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Checks what applications sign with the key of their certificate in place of a secret (`private_key_jwt`).
final class ClientAssertions {
    static final String TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(JWSAlgorithm.RS256, JWSAlgorithm.PS256);
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final Duration LIFETIME_MAX = Duration.ofHours(24);
    private static final int LENGTH_MAX = 16 << 10;
    // One application takes none of the room of others.
    private static final int SEEN_OF_ONE_MAX = 10_000;
    // MSAL shows the one that it has signed whenever it asks for a token: for Python for nine minutes, for Node for ten.
    private static final Duration SHOWN_AGAIN = Duration.ofMinutes(11);
    private static final int KEY_BITS_MIN = 2048;

    private final Predicate<String> names;
    private final InstantSource clock;
    private final Map<String, Map<String, Seen>> seenByApplication = new HashMap<>();

    /// One that was shown already.
    ///
    /// @param until when it ends, so that it need not be known any longer
    private record Seen(String from, Instant first, Instant until) {}

    /// @param names whether a host is one under which this server is reached
    ClientAssertions(Predicate<String> names, InstantSource clock) {
        this.names = names;
        this.clock = clock;
    }

    /// A certificate as PEM or as Base64, checked to be one that can be used.
    ///
    /// @return its DER form as Base64
    /// @throws IllegalArgumentException when it cannot; the message says why
    static String certificate(String text) {
        try {
            byte[] bytes = text.contains("-----BEGIN") ? text.getBytes(StandardCharsets.US_ASCII) : Base64.getMimeDecoder().decode(text.strip());
            X509Certificate certificate = parsed(bytes);
            if (!(certificate.getPublicKey() instanceof RSAPublicKey key) || key.getModulus().bitLength() < KEY_BITS_MIN) {
                throw new IllegalArgumentException("the certificate's key is not an RSA key of at least " + KEY_BITS_MIN + " bits");
            }
            return Base64.getEncoder().encodeToString(certificate.getEncoded());
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the certificate cannot be used: " + e.getMessage(), e);
        }
    }

    private static X509Certificate parsed(byte[] bytes) throws GeneralSecurityException {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes));
    }

    /// Whose an assertion says to be; empty where it says nothing.
    static String client(String assertion) {
        try {
            return assertion.length() > LENGTH_MAX ? "" : String.valueOf(SignedJWT.parse(assertion).getJWTClaimsSet().getSubject());
        } catch (ParseException _) {
            return "";
        }
    }

    /// What is wrong with an assertion; absent where it is right.
    ///
    /// @param path of the request for the token, for which it has to be meant
    /// @param from the client's address
    Optional<String> problem(Application application, String assertion, String path, String from) {
        if (assertion.length() > LENGTH_MAX) {
            return Optional.of("it is too long");
        }
        try {
            SignedJWT jwt = SignedJWT.parse(assertion);
            if (!ALGORITHMS.contains(jwt.getHeader().getAlgorithm())) {
                return Optional.of("it is not signed with RS256 or PS256");
            }
            Optional<X509Certificate> certificate = certificateOf(application, jwt.getHeader());
            if (certificate.isEmpty()) {
                return Optional.of("its key is that of no certificate of the application (x5t, x5t#S256, kid)");
            }
            Instant now = clock.instant();
            if (now.isAfter(certificate.get().getNotAfter().toInstant()) || now.isBefore(certificate.get().getNotBefore().toInstant())) {
                return Optional.of("the certificate is not valid now: it is from " + certificate.get().getNotBefore().toInstant() + " to "
                        + certificate.get().getNotAfter().toInstant());
            }
            if (!jwt.verify(new RSASSAVerifier((RSAPublicKey) certificate.get().getPublicKey()))) {
                return Optional.of("its signature is not that of the certificate's key");
            }
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            String id = id(claims, jwt);
            return problem(application, claims, path, now).or(() -> shown(application, id, claims.getExpirationTime().toInstant().plus(SKEW), from, now));
        } catch (ParseException | JOSEException | GeneralSecurityException _) {
            return Optional.of("it is not a signed JSON web token");
        }
    }

    private Optional<String> problem(Application application, JWTClaimsSet claims, String path, Instant now) {
        if (!application.id().equalsIgnoreCase(claims.getIssuer()) || !application.id().equalsIgnoreCase(claims.getSubject())) {
            return Optional.of("its issuer (iss) and subject (sub) are not the client id");
        }
        if (claims.getAudience().stream().noneMatch(audience -> isFor(audience, path))) {
            return Optional.of("its audience (aud) is not the address of this token service");
        }
        if (claims.getExpirationTime() == null || now.isAfter(claims.getExpirationTime().toInstant().plus(SKEW))) {
            return Optional.of("it has expired (exp)");
        }
        Instant until = claims.getExpirationTime().toInstant();
        if (until.isAfter(now.plus(LIFETIME_MAX)) || claims.getNotBeforeTime() != null && now.plus(SKEW).isBefore(claims.getNotBeforeTime().toInstant())) {
            return Optional.of("it is not valid now (nbf), or for longer than a day (exp)");
        }
        return Optional.empty();
    }

    // Ports may be others where clients are than here, as those of containers are. The path says tenant and version.
    private boolean isFor(String audience, String path) {
        try {
            URI uri = URI.create(audience);
            return HostName.of(uri).filter(names).isPresent() && path.equalsIgnoreCase(uri.getPath());
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// What is wrong with showing one again: whoever has it from somebody else's request has another address, or comes late.
    private synchronized Optional<String> shown(Application application, String id, Instant until, String from, Instant now) {
        seenByApplication.values().forEach(seen -> seen.values().removeIf(one -> now.isAfter(one.until())));
        seenByApplication.values().removeIf(Map::isEmpty);
        Map<String, Seen> seen = seenByApplication.computeIfAbsent(application.objectId(), _ -> new HashMap<>());
        Seen before = seen.get(id);
        if (before != null) {
            return before.from().equals(from) && now.isBefore(before.first().plus(SHOWN_AGAIN)) ? Optional.empty() : Optional.of("it was used before (jti)");
        }
        if (seen.size() >= SEEN_OF_ONE_MAX) {
            return Optional.of("the application has shown " + SEEN_OF_ONE_MAX + " others that have not ended yet: let them end sooner (exp)");
        }
        seen.put(id, new Seen(from, now, until));
        return Optional.empty();
    }

    // Without an id of its own it is what was signed. Either may be long.
    private static String id(JWTClaimsSet claims, SignedJWT jwt) throws GeneralSecurityException {
        String stated = claims.getJWTID();
        return url(digest("SHA-256", stated == null || stated.isEmpty() ? jwt.getSigningInput() : stated.getBytes(StandardCharsets.UTF_8)));
    }

    private static Optional<X509Certificate> certificateOf(Application application, JWSHeader header) throws GeneralSecurityException {
        for (String encoded : application.certificates()) {
            byte[] bytes = Base64.getDecoder().decode(encoded);
            String sha1 = url(digest("SHA-1", bytes));
            String sha256 = url(digest("SHA-256", bytes));
            String hex = HexFormat.of().formatHex(digest("SHA-1", bytes));
            if (List.of(sha256, sha1).contains(thumbprint(header)) || header.getKeyID() != null && List.of(sha1, sha256).contains(header.getKeyID())
                    || hex.equalsIgnoreCase(header.getKeyID())) {
                return Optional.of(parsed(bytes));
            }
        }
        return Optional.empty();
    }

    private static String thumbprint(JWSHeader header) {
        Object sha256 = header.toJSONObject().get("x5t#S256");
        Object sha1 = header.toJSONObject().get("x5t");
        // Some clients write it with the letters of plain Base64.
        return String.valueOf(sha256 == null ? sha1 : sha256).replace("=", "").replace('+', '-').replace('/', '_');
    }

    private static byte[] digest(String algorithm, byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance(algorithm).digest(bytes);
    }

    private static String url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
