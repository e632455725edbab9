package io.conshelf.server.identity;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What lets programs act for people: codes that a page hands over once somebody has signed in, codes that are typed in elsewhere, and
/// refresh tokens. Codes are in memory only: a restart has people begin again.
final class PersonGrants {
    private static final Duration CODE_LIFETIME = Duration.ofMinutes(5);
    static final Duration DEVICE_LIFETIME = Duration.ofMinutes(15);
    static final Duration DEVICE_INTERVAL = Duration.ofSeconds(5);
    // Of each kind; whoever has to wait tries again.
    private static final int WAITING_MAX = 1_000;
    // Programs that one address has waiting for somebody, so that it leaves room to the others.
    static final int WAITING_OF_ADDRESS_MAX = 50;
    private static final Duration AGAIN_MAX = Duration.ofMinutes(1);
    private static final int CODE_BYTES = 32;
    // Letters that are neither mistaken for others nor make words.
    private static final String LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
    private static final int LETTERS_OF_A_CODE = 8;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final People people;
    private final TokenIssuer issuer;
    private final RefreshTokens refreshTokens;
    private final String tenant;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Code> codes = new HashMap<>();
    private final Map<String, Device> devices = new HashMap<>();

    /// What a program asks a page for.
    ///
    /// @param client    its id
    /// @param redirect  where the code goes
    /// @param challenge the hash of what the program shows when it brings the code
    record Asked(String client, String redirect, String challenge, String scope, String nonce) {
        Asked {
            if (client.isBlank()) {
                throw new IllegalArgumentException("the parameter 'client_id' is missing");
            }
            if (!isOfThisMachine(redirect)) {
                throw new IllegalArgumentException("'redirect_uri' is to lead back to the program on the machine of whoever signs in, such as"
                        + " http://localhost:8400");
            }
            if (challenge.isBlank()) {
                throw new IllegalArgumentException("'code_challenge' with 'code_challenge_method=S256' is missing: programs on people's machines need it");
            }
        }

        private static boolean isOfThisMachine(String redirect) {
            try {
                URI uri = URI.create(redirect);
                return "http".equals(uri.getScheme()) && uri.getHost() != null && LOOPBACK.contains(uri.getHost().toLowerCase(Locale.ROOT))
                        && uri.getRawUserInfo() == null && uri.getRawFragment() == null;
            } catch (IllegalArgumentException _) {
                return false;
            }
        }
    }

    private record Code(Asked asked, Person person, Instant until) {}

    /// A program without a page of its own that waits for somebody to sign in.
    ///
    /// @param code     what the program asks with
    /// @param userCode what people type in
    /// @param from     its address
    record Device(
            String code, String userCode, String client, String scope, String from, Instant until, Instant lastAsked, Optional<Person> person, boolean isDeclined) {
        Device askedAt(Instant now) {
            return new Device(code, userCode, client, scope, from, until, now, person, isDeclined);
        }

        Device ended(Optional<Person> by) {
            return new Device(code, userCode, client, scope, from, until, lastAsked, by, by.isEmpty());
        }

        @Override
        public String toString() {
            return "Device[" + client + "]";
        }
    }

    /// What comes of a program's wish to wait for somebody.
    sealed interface Begun {
        record Waiting(Device device) implements Begun {}

        /// @param again when there is room for another one
        record TooMany(Duration again) implements Begun {}
    }

    /// What a program gets.
    sealed interface Outcome {
        /// @param nonce what the identity token is to repeat; empty where the program named none
        record Granted(Person person, String client, String scope, String nonce, String refreshToken) implements Outcome {
            @Override
            public String toString() {
                return "Granted[" + person.name() + "]";
            }
        }

        /// @param error as the protocol calls it
        record Refused(String error, int code, String message) implements Outcome {}
    }

    PersonGrants(People people, TokenIssuer issuer, RefreshTokens refreshTokens, String tenant, InstantSource clock) {
        this.people = people;
        this.issuer = issuer;
        this.refreshTokens = refreshTokens;
        this.tenant = tenant;
        this.clock = clock;
    }

    String tenant() {
        return tenant;
    }

    /// A code for a program, for somebody who has just signed in.
    synchronized String authorize(Asked asked, Person person) {
        Instant now = clock.instant();
        forgetOld(now);
        String code = secret();
        if (codes.size() < WAITING_MAX) {
            codes.put(code, new Code(asked, person, now.plus(CODE_LIFETIME)));
        }
        return code;
    }

    /// Redeems a code. It is good once, whether it is redeemed rightly or not.
    synchronized Outcome redeemCode(String client, String redirect, String code, String verifier) {
        Instant now = clock.instant();
        Optional<Code> found = Optional.ofNullable(codes.remove(code)).filter(known -> now.isBefore(known.until()));
        if (found.isEmpty() || !found.get().asked().client().equals(client) || !found.get().asked().redirect().equals(redirect)
                || !isStill(found.get().person())) {
            return new Outcome.Refused("invalid_grant", 70008, "The code is not one of this program, was used already, or has expired.");
        }
        if (!MessageDigest.isEqual(hashed(verifier), found.get().asked().challenge().getBytes(StandardCharsets.US_ASCII))) {
            return new Outcome.Refused("invalid_grant", 501481, "The 'code_verifier' does not match the 'code_challenge'.");
        }
        return granted(found.get().person(), client, found.get().asked().scope(), found.get().asked().nonce());
    }

    /// Lets a program wait for somebody who types a code in.
    ///
    /// @param from its address
    synchronized Begun begin(String client, String scope, String from) {
        Instant now = clock.instant();
        forgetOld(now);
        List<Instant> ofAddress = devices.values().stream().filter(device -> device.from().equals(from)).map(Device::until).sorted().toList();
        if (ofAddress.size() >= WAITING_OF_ADDRESS_MAX) {
            return tooMany(now, ofAddress.getFirst());
        }
        if (devices.size() >= WAITING_MAX) {
            return tooMany(now, devices.values().stream().map(Device::until).min(Comparator.naturalOrder()).orElseThrow());
        }
        var letters = new StringBuilder();
        random.ints(LETTERS_OF_A_CODE, 0, LETTERS.length()).forEach(at -> letters.append(LETTERS.charAt(at)));
        var device = new Device(secret(), letters.toString(), client, scope, from, now.plus(DEVICE_LIFETIME), Instant.EPOCH, Optional.empty(), false);
        devices.put(device.code(), device);
        return new Begun.Waiting(device);
    }

    /// There is room for another one sooner where somebody types a code in, so nobody is told to wait for long.
    private static Begun tooMany(Instant now, Instant firstEnd) {
        Duration until = Duration.between(now, firstEnd);
        return new Begun.TooMany(until.compareTo(AGAIN_MAX) < 0 ? until : AGAIN_MAX);
    }

    /// The program that waits for a code, as somebody typed it.
    synchronized Optional<Device> waiting(String userCode) {
        String letters = userCode.toUpperCase(Locale.ROOT).replaceAll("[^A-Z]", "");
        forgetOld(clock.instant());
        return devices.values().stream().filter(device -> device.userCode().equals(letters) && device.person().isEmpty() && !device.isDeclined()).findFirst();
    }

    /// Ends the waiting of a program.
    ///
    /// @param person who has signed in for it; absent where somebody declined
    synchronized void end(Device device, Optional<Person> person) {
        devices.computeIfPresent(device.code(), (_, known) -> known.ended(person));
    }

    synchronized Outcome redeemDevice(String client, String code) {
        Instant now = clock.instant();
        Device device = devices.get(code);
        if (device == null || !device.client().equals(client) || device.isDeclined() || !now.isBefore(device.until())) {
            devices.remove(code);
            return device == null || !device.client().equals(client)
                    ? new Outcome.Refused("bad_verification_code", 70018, "The device code is not known.")
                    : device.isDeclined()
                            ? new Outcome.Refused("authorization_declined", 70017, "Whoever was asked declined.")
                            : new Outcome.Refused("expired_token", 70020, "The device code has expired.");
        }
        if (device.person().isPresent()) {
            devices.remove(code);
            if (!isStill(device.person().get())) {
                return new Outcome.Refused("expired_token", 70020, "Whoever signed in has another password by now, or is gone.");
            }
            return granted(device.person().get(), client, device.scope(), "");
        }
        devices.put(code, device.askedAt(now));
        return now.isBefore(device.lastAsked().plus(DEVICE_INTERVAL.minusSeconds(1)))
                ? new Outcome.Refused("slow_down", 70016, "Ask every " + DEVICE_INTERVAL.toSeconds() + " seconds.")
                : new Outcome.Refused("authorization_pending", 70016, "Nobody has signed in yet for this code.");
    }

    Outcome redeemRefreshToken(String client, String token, String scope) {
        return refreshTokens.redeem(client, token)
                .<Outcome>map(person -> new Outcome.Granted(person, client, scope, "", token))
                .orElseGet(() -> new Outcome.Refused("invalid_grant", 700082, "The refresh token is not known, has expired, or is another program's."));
    }

    // With the password of then.
    private boolean isStill(Person person) {
        return people.find(person.name()).filter(person::equals).isPresent();
    }

    private Outcome granted(Person person, String client, String scope, String nonce) {
        return new Outcome.Granted(person, client, scope, nonce, refreshTokens.issue(person, client));
    }

    private void forgetOld(Instant now) {
        codes.values().removeIf(code -> !now.isBefore(code.until()));
        for (Iterator<Device> all = devices.values().iterator(); all.hasNext();) {
            if (!now.isBefore(all.next().until())) {
                all.remove();
            }
        }
    }

    private String secret() {
        byte[] bytes = new byte[CODE_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] hashed(String verifier) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encode(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
