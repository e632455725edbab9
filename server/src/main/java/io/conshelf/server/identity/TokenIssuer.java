package io.conshelf.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.conshelf.engine.Principal;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.ServiceDocuments.Change;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Signs tokens for the applications of this cluster, and tells whose a token is.
public final class TokenIssuer {
    /// How long a token is good for.
    static final Duration LIFETIME = Duration.ofHours(1);

    private static final String KEY = "key";
    private static final int KEY_BITS = 2048;
    // As in the service: clocks differ.
    private static final Duration SKEW = Duration.ofMinutes(5);

    private final Applications applications;
    private final RSAKey key;
    private final InstantSource clock;

    /// A token that opens nothing, with what is wrong with it.
    public static final class InvalidTokenException extends Exception {
        InvalidTokenException(String message) {
            super(message);
        }
    }

    public TokenIssuer(Applications applications, ServiceDocuments store, InstantSource clock) {
        this.applications = applications;
        this.key = loadOrCreate(store);
        this.clock = clock;
    }

    private static RSAKey loadOrCreate(ServiceDocuments store) {
        Optional<String> kept = Optional.ofNullable(store.all(Applications.COLLECTION).get(KEY));
        try {
            if (kept.isPresent()) {
                return RSAKey.parse(kept.get());
            }
            RSAKey made = new RSAKeyGenerator(KEY_BITS).keyUse(KeyUse.SIGNATURE).algorithm(JWSAlgorithm.RS256)
                    .keyID(UUID.randomUUID().toString()).generate();
            store.change(List.of(new Change.Put(Applications.COLLECTION, KEY, made.toJSONString())));
            return made;
        } catch (JOSEException | ParseException e) {
            // What the parser found may quote the key.
            throw new IllegalStateException("The key that signs tokens cannot be read or made");
        }
    }

    /// Who issues tokens of a tenant. It stays the same whatever port or name the server is reached by.
    static String issuer(String tenant) {
        return "https://sts.conshelf.localhost/" + tenant + "/";
    }

    /// The public half, as `jwks_uri` serves it.
    String keys() {
        return new JWKSet(key.toPublicJWK()).toString();
    }

    /// A token for what the audience stands for.
    String issue(Application application, String audience) {
        Instant now = clock.instant();
        var claims = new JWTClaimsSet.Builder()
                .issuer(issuer(application.tenant()))
                .audience(audience)
                .subject(application.objectId())
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFETIME)))
                .claim("appid", application.id())
                .claim("oid", application.objectId())
                .claim("tid", application.tenant())
                .claim("idtyp", "app")
                .claim("ver", "1.0")
                .jwtID(UUID.randomUUID().toString())
                .build();
        try {
            var token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).type(JOSEObjectType.JWT).keyID(key.getKeyID()).build(), claims);
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("a token could not be signed", e);
        }
    }

    /// Whose token it is.
    ///
    /// @param host the name under which this server was asked, without port: a token may be for just this cluster
    public Principal principal(String token, Audience audience, String host) throws InvalidTokenException {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            if (!jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256) || !key.getKeyID().equals(jwt.getHeader().getKeyID())
                    || !jwt.verify(new RSASSAVerifier(key.toRSAPublicKey()))) {
                throw new InvalidTokenException("the token was not signed by this cluster's token service");
            }
            return checked(jwt.getJWTClaimsSet(), audience, host);
        } catch (ParseException | JOSEException _) {
            throw new InvalidTokenException("the token is not a signed JSON web token");
        }
    }

    private Principal checked(JWTClaimsSet claims, Audience audience, String host) throws ParseException, InvalidTokenException {
        Instant now = clock.instant();
        if (claims.getExpirationTime() == null || now.isAfter(claims.getExpirationTime().toInstant().plus(SKEW))) {
            throw new InvalidTokenException("the token has expired");
        }
        if (claims.getNotBeforeTime() != null && now.plus(SKEW).isBefore(claims.getNotBeforeTime().toInstant())) {
            throw new InvalidTokenException("the token is not valid yet");
        }
        if (claims.getAudience().stream().noneMatch(stated -> audience.accepts(stated, host))) {
            throw new InvalidTokenException("the token is for another service (aud); here it is to be for " + audience.shown(host));
        }
        Application application = applications.find(String.valueOf(claims.getStringClaim("appid")))
                .orElseThrow(() -> new InvalidTokenException("the token's application is not registered (any more)"));
        if (!application.tenant().equalsIgnoreCase(claims.getStringClaim("tid")) || !issuer(application.tenant()).equals(claims.getIssuer())) {
            throw new InvalidTokenException("the token is of another tenant");
        }
        return new Principal(application.fullyQualifiedName(), application.name(), false);
    }

    @Override
    public String toString() {
        return "TokenIssuer[***]";
    }
}
