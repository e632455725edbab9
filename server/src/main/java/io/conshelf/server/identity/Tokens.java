package io.conshelf.server.identity;

import com.nimbusds.jwt.SignedJWT;
import io.conshelf.engine.Principal;
import java.text.ParseException;
import java.util.Optional;

/// Tells whose a token is: one of this cluster, or of the tenant that is trusted beside it.
public final class Tokens {
    private final TokenIssuer own;
    private final Optional<TrustedTokens> trusted;

    Tokens(TokenIssuer own, Optional<TrustedTokens> trusted) {
        this.own = own;
        this.trusted = trusted;
    }

    /// @param host the name under which this server was asked, without port: a token may be for just this cluster
    public Principal principal(String token, Audience audience, String host) throws InvalidTokenException {
        SignedJWT jwt = TokenClaims.read(token);
        Optional<TrustedTokens> issuer = trusted.filter(tenant -> tenant.isIssuer(issuerOf(jwt)));
        return issuer.isPresent() ? issuer.get().principal(jwt, audience, host) : own.principal(jwt, audience, host);
    }

    // Not checked yet: it only tells by whose keys the token is to be checked.
    private static String issuerOf(SignedJWT jwt) {
        try {
            return String.valueOf(jwt.getJWTClaimsSet().getIssuer());
        } catch (ParseException _) {
            return "";
        }
    }
}
