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

    private final Applications applications;
    private final People people;
    private final RSAKey key;
    private final InstantSource clock;

    public TokenIssuer(Applications applications, People people, ServiceDocuments store, InstantSource clock) {
        this.applications = applications;
        this.people = people;
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
        return signed(claims(application.tenant(), audience, application.objectId())
                .claim("appid", application.id())
                .claim("oid", application.objectId())
                .claim("idtyp", "app")
                .claim("ver", "1.0"));
    }

    /// A token with which a program acts for a person.
    ///
    /// @param client the program's id
    String issue(Person person, String client, String audience) {
        return signed(claims(applications.tenant(), audience, person.id())
                .claim("appid", client)
                .claim("oid", person.id())
                .claim("upn", person.name())
                .claim("unique_name", person.name())
                .claim("name", person.name())
                .claim("scp", "user_impersonation")
                .claim("idtyp", "user")
                .claim("ver", "1.0"));
    }

    /// Tells a program who signed in. It opens nothing: its audience is the program.
    String identify(Person person, String client, String nonce) {
        JWTClaimsSet.Builder claims = claims(applications.tenant(), client, person.id())
                .claim("oid", person.id())
                .claim("preferred_username", person.name())
                .claim("name", person.name())
                .claim("ver", "2.0");
        return signed(nonce.isEmpty() ? claims : claims.claim("nonce", nonce));
    }

    private JWTClaimsSet.Builder claims(String tenant, String audience, String subject) {
        Instant now = clock.instant();
        return new JWTClaimsSet.Builder()
                .issuer(issuer(tenant))
                .audience(audience)
                .subject(subject)
                .issueTime(Date.from(now))
                .notBeforeTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFETIME)))
                .claim("tid", tenant)
                .jwtID(UUID.randomUUID().toString());
    }

    private String signed(JWTClaimsSet.Builder claims) {
        try {
            var token = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).type(JOSEObjectType.JWT).keyID(key.getKeyID()).build(), claims.build());
            token.sign(new RSASSASigner(key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("a token could not be signed", e);
        }
    }

    /// Whose token it is.
    ///
    /// @param host the name under which this server was asked, without port: a token may be for just this cluster
    Principal principal(SignedJWT jwt, Audience audience, String host) throws InvalidTokenException {
        try {
            if (!key.getKeyID().equals(jwt.getHeader().getKeyID()) || !jwt.verify(new RSASSAVerifier(key.toRSAPublicKey()))) {
                throw new InvalidTokenException("the token was not signed by this cluster's token service");
            }
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            TokenClaims.check(claims, stated -> audience.accepts(stated, host), audience.shown(host), clock.instant());
            return TokenClaims.text(claims, "idtyp").equals("user") ? person(claims) : application(claims);
        } catch (ParseException | JOSEException _) {
            throw new InvalidTokenException("the token is not a signed JSON web token");
        }
    }

    private Principal application(JWTClaimsSet claims) throws InvalidTokenException {
        Application application = applications.find(TokenClaims.text(claims, "appid"))
                // Another one may have got its id.
                .filter(found -> found.objectId().equals(TokenClaims.text(claims, "oid")))
                .orElseThrow(() -> new InvalidTokenException("the token's application is not registered (any more)"));
        checkTenant(claims, application.tenant());
        return Principal.withAccount(application.objectId(), application.fullyQualifiedName(), application.name());
    }

    private Principal person(JWTClaimsSet claims) throws InvalidTokenException {
        Person person = people.find(TokenClaims.text(claims, "upn"))
                .filter(found -> found.id().equals(TokenClaims.text(claims, "oid")))
                .orElseThrow(() -> new InvalidTokenException("the token's user has no account (any more)"));
        checkTenant(claims, applications.tenant());
        return Principal.withAccount(person.id(), person.fullyQualifiedName(applications.tenant()), person.name());
    }

    private static void checkTenant(JWTClaimsSet claims, String tenant) throws InvalidTokenException {
        if (!tenant.equalsIgnoreCase(TokenClaims.text(claims, "tid")) || !issuer(tenant).equals(claims.getIssuer())) {
            throw new InvalidTokenException("the token is of another tenant");
        }
    }

    @Override
    public String toString() {
        return "TokenIssuer[***]";
    }
}
