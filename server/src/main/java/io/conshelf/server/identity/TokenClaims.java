package io.conshelf.server.identity;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/// What is asked of every token, whoever issued it.
final class TokenClaims {
    // As in the service: clocks differ.
    private static final Duration SKEW = Duration.ofMinutes(5);
    // Those of Entra have a few kilobytes, with many groups.
    private static final int LENGTH_MAX = 32 << 10;

    private TokenClaims() {}

    /// The parts of a token whose signature is yet to be checked.
    ///
    /// @throws InvalidTokenException when it is none, is too long, or is signed in another way than with a key pair
    static SignedJWT read(String token) throws InvalidTokenException {
        if (token.length() > LENGTH_MAX) {
            throw new InvalidTokenException("the token is longer than " + LENGTH_MAX + " characters");
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            if (!jwt.getHeader().getAlgorithm().equals(JWSAlgorithm.RS256)) {
                throw new InvalidTokenException("the token is not signed with RS256");
            }
            if (jwt.getHeader().getKeyID() == null) {
                throw new InvalidTokenException("the token does not tell which key it is signed with (kid)");
            }
            return jwt;
        } catch (ParseException _) {
            throw new InvalidTokenException("the token is not a signed JSON web token");
        }
    }

    /// Refuses a token that is not good now, or not good for this.
    ///
    /// @param isFor whether a token for such an audience is for this
    /// @param shown the audiences that are
    static void check(JWTClaimsSet claims, Predicate<String> isFor, String shown, Instant now) throws InvalidTokenException {
        if (claims.getExpirationTime() == null || now.isAfter(claims.getExpirationTime().toInstant().plus(SKEW))) {
            throw new InvalidTokenException("the token has expired");
        }
        if (claims.getNotBeforeTime() != null && now.plus(SKEW).isBefore(claims.getNotBeforeTime().toInstant())) {
            throw new InvalidTokenException("the token is not valid yet");
        }
        if (claims.getAudience().stream().noneMatch(isFor)) {
            throw new InvalidTokenException("the token is for another service (aud); here it is to be for " + shown);
        }
    }

    /// A claim as text; empty where it is missing or is something else.
    static String text(JWTClaimsSet claims, String name) {
        return claims.getClaim(name) instanceof String text ? text : "";
    }
}
