package io.conshelf.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.proc.SimpleSecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.conshelf.engine.Principal;
import java.security.Key;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells whose a token of a trusted tenant is. Its keys are fetched when they are first needed and kept; a token with a key that is not
/// among them has them fetched again, twice in half a minute at most, so that keys may be changed and strangers cause no load.
final class TrustedTokens {
    private static final Logger LOG = LoggerFactory.getLogger(TrustedTokens.class);
    private static final Duration KEPT = Duration.ofHours(12);
    private static final Duration FETCHED_AT_MOST_TWICE_IN = Duration.ofSeconds(30);
    // For how long keys are still good when they cannot be fetched again.
    private static final Duration KEPT_THROUGH_OUTAGE = Duration.ofHours(48);

    private final TrustedTenant tenant;
    private final PublishedKeys published;
    private final JWSVerificationKeySelector<SecurityContext> keys;
    private final InstantSource clock;

    TrustedTokens(TrustedTenant tenant, InstantSource clock) {
        this.tenant = tenant;
        this.clock = clock;
        try {
            this.published = new PublishedKeys(tenant.keys());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("The keys of the tenant " + tenant.id() + " are not at a URL: '" + tenant.keys() + "'", e);
        }
        this.keys = new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, JWKSourceBuilder.create(published)
                .cache(KEPT.toMillis(), PublishedKeys.FETCH_MAX.multipliedBy(2).toMillis())
                .rateLimited(FETCHED_AT_MOST_TWICE_IN.toMillis())
                .outageTolerant(KEPT_THROUGH_OUTAGE.toMillis())
                .build());
    }

    boolean isIssuer(String issuer) {
        return tenant.issuers().contains(issuer);
    }

    Principal principal(SignedJWT jwt, Audience audience, String host) throws InvalidTokenException {
        if (!isSigned(jwt)) {
            throw new InvalidTokenException("the token is not signed with a key of the tenant " + tenant.id());
        }
        try {
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            if (!isIssuer(claims.getIssuer()) || !tenant.id().equalsIgnoreCase(TokenClaims.text(claims, "tid"))) {
                throw new InvalidTokenException("the token is of another tenant");
            }
            TokenClaims.check(claims, stated -> tenant.accepts(audience, stated, host), tenant.shown(audience, host), clock.instant());
            return principal(claims);
        } catch (ParseException _) {
            throw new InvalidTokenException("the token is not a signed JSON web token");
        }
    }

    private boolean isSigned(SignedJWT jwt) throws InvalidTokenException {
        try {
            for (Key key : keys.selectJWSKeys(jwt.getHeader(), new SimpleSecurityContext())) {
                if (key instanceof RSAPublicKey rsa && jwt.verify(new RSASSAVerifier(rsa))) {
                    return true;
                }
            }
            return false;
        } catch (RateLimitReachedException _) {
            if (!published.wereHad()) {
                throw new InvalidTokenException(away());
            }
            // It names a key that is not among those that were just fetched.
            return false;
        } catch (KeySourceException e) {
            // Whoever shows a token is not told where the keys are, nor what the network is like from here.
            LOG.warn("The keys of the tenant {} cannot be had from {}", tenant.id(), tenant.keys(), e);
            throw new InvalidTokenException(away());
        } catch (JOSEException _) {
            return false;
        }
    }

    private String away() {
        return "the keys of the tenant " + tenant.id() + " cannot be had now";
    }

    // An application's own token tells no scope. People are known by their user principal name where the token has it, as roles name them.
    private Principal principal(JWTClaimsSet claims) throws InvalidTokenException {
        String object = TokenClaims.text(claims, "oid");
        if (TokenClaims.text(claims, "scp").isEmpty()) {
            String application = TokenClaims.text(claims, TokenClaims.text(claims, "appid").isEmpty() ? "azp" : "appid");
            if (application.isEmpty()) {
                throw new InvalidTokenException("the token names neither an application (appid, azp) nor a person's scope (scp)");
            }
            return new Principal("aadapp=" + safe(application) + ";" + tenant.id(), application, false);
        }
        String name = TokenClaims.text(claims, "upn").isEmpty() ? object : TokenClaims.text(claims, "upn");
        if (name.isEmpty()) {
            throw new InvalidTokenException("the token names no person (upn, oid)");
        }
        String shown = TokenClaims.text(claims, "name");
        return new Principal("aaduser=" + safe(name) + ";" + tenant.id(), shown.isEmpty() ? name : shown, false);
    }

    // These end the parts of a principal's name.
    private static String safe(String part) throws InvalidTokenException {
        if (part.chars().anyMatch(c -> c == ';' || c == '=' || c == '\'' || Character.isISOControl(c))) {
            throw new InvalidTokenException("the token names its principal with characters that names do not have");
        }
        return part;
    }
}
