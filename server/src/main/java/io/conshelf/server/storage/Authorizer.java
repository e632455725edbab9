package io.conshelf.server.storage;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/// Turns a request's signature into what the request may do.
final class Authorizer {
    /// How far a client's clock may be off, for Shared Key requests.
    private static final long SKEW_SECONDS_MAX = 15 * 60;
    private static final Pattern DATE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");
    private static final Pattern MINUTE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}Z");
    private static final Pattern LITERAL_ADDRESS = Pattern.compile("[0-9A-Fa-f.:]+");

    private final SigningKey key;
    private final Storage.Accounts accounts;
    private final InstantSource clock;
    private volatile Predicate<String> borrowers = _ -> true;

    Authorizer(SigningKey key, Storage.Accounts accounts, InstantSource clock) {
        this.key = key;
        this.accounts = accounts;
        this.clock = clock;
    }

    void lendOnlyTo(Predicate<String> those) {
        borrowers = those;
    }

    /// By SAS or by account key, whichever the request carries.
    Grant authorize(StorageRequest request) {
        if (SasToken.isIn(request.query())) {
            return bySas(request.address(), request.query(), request.caller());
        }
        String authorization = request.header("authorization").orElseThrow(() -> failed(
                "The request has neither a SAS nor an Authorization header."));
        return byKey(request, authorization);
    }

    Grant bySas(StorageAddress address, Map<String, String> query, Caller caller) {
        SasToken token = new SasToken(query);
        if (!token.has("sig")) {
            throw failed("The URI has no SAS.");
        }
        String version = token.get("sv");
        if (version.compareTo(SasToken.OLDEST_VERSION) < 0 || !DATE.matcher(version).matches()) {
            throw failed("SAS version '%s' (sv) is not known; %s and later are.".formatted(version, SasToken.OLDEST_VERSION));
        }
        if (token.parameters().values().stream().anyMatch(value -> value.indexOf('\n') >= 0)) {
            throw failed("A parameter has a line break, which would let one signed field pass for two.");
        }
        if (token.has("skoid")) {
            throw failed("A user delegation SAS can't be checked here; sign with the account key.");
        }
        Grant grant = token.isAccountSas() ? accountSas(address, token) : serviceSas(address, token);
        requireTime(token);
        requireCaller(token, caller);
        return grant;
    }

    private Grant accountSas(StorageAddress address, SasToken token) {
        requireSignature(address, token, token.accountText(address.owner()));
        if (token.get("ss").indexOf(address.account().sasLetter()) < 0) {
            throw new StorageException(StorageCode.AUTHORIZATION_SERVICE_MISMATCH,
                    "The account SAS is for services '%s' (ss), not '%s'.".formatted(token.get("ss"), address.account().sasLetter()));
        }
        return new Grant.AccountSas(token.get("srt"), SasPermission.parse(token.get("sp")));
    }

    private Grant serviceSas(StorageAddress address, SasToken token) {
        StorageResource resource = address.resource().orElseThrow(() -> new StorageException(StorageCode.AUTHORIZATION_FAILURE,
                "A SAS for one container, queue or table does not open the account itself."));
        String borrower = token.get("si").startsWith(SasToken.BORROWER) ? token.get("si").substring(SasToken.BORROWER.length()) : "";
        if (token.has("si") && borrower.isEmpty()) {
            throw failed("The SAS refers to a stored access policy (si='%s'); there are none here.".formatted(token.get("si")));
        }
        String path = switch (resource) {
            case StorageResource.Container _ -> address.resourceName();
            case StorageResource.Blob _ -> switch (token.get("sr")) {
                case "c" -> address.resourceName();
                case "b" -> address.resourceName() + "/" + address.rest();
                default -> throw failed("A SAS for resource '%s' (sr) is not offered here; 'c' and 'b' are.".formatted(token.get("sr")));
            };
            case StorageResource.Queue(String name) -> name;
            case StorageResource.Table(String name) -> name.toLowerCase(Locale.ROOT);
        };
        requireSignature(address, token, token.serviceText(resource.account(), address.owner(), path));
        if (!borrower.isEmpty() && !borrowers.test(borrower)) {
            throw failed("The SAS was lent to somebody who is not let in any more.");
        }
        Grant.KeyRange range = resource.account() == StorageAccount.TABLE
                ? new Grant.KeyRange(token.get("spk"), token.get("srk"), token.get("epk"), token.get("erk"))
                : Grant.KeyRange.ALL;
        return new Grant.ServiceSas(SasPermission.parse(token.get("sp")), range, borrower);
    }

    private SigningKey key(StorageAddress address) {
        return address.isNamed() ? accounts.key(key, address.owner()) : key;
    }

    void requireKey(StorageAddress address, String base64Key) {
        if (!sameText(key(address).base64(), base64Key)) {
            throw failed("The key is not that of account '%s'.".formatted(address.owner()));
        }
    }

    private void requireSignature(StorageAddress address, SasToken token, String text) {
        if (!sameText(key(address).sign(text), token.get("sig"))) {
            throw failed("The signature of the SAS does not match; it was made for another resource, with another key, or changed.");
        }
    }

    private void requireTime(SasToken token) {
        Instant now = clock.instant();
        if (!token.has("se")) {
            throw failed("The SAS has no expiry (se).");
        }
        if (token.has("st") && now.isBefore(instant("st", token.get("st")))) {
            throw failed("The SAS is not valid before %s (st); it is %s now.".formatted(token.get("st"), now));
        }
        if (!now.isBefore(instant("se", token.get("se")))) {
            throw failed("The SAS expired at %s (se); it is %s now.".formatted(token.get("se"), now));
        }
    }

    private static Instant instant(String name, String text) {
        try {
            if (DATE.matcher(text).matches()) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            if (MINUTE.matcher(text).matches()) {
                return LocalDateTime.parse(text.substring(0, text.length() - 1)).toInstant(ZoneOffset.UTC);
            }
            return Instant.parse(text);
        } catch (DateTimeException _) {
            throw failed("The SAS has '%s' as its time '%s'; a form like 2026-01-31T12:00:00Z is needed.".formatted(text, name));
        }
    }

    private static void requireCaller(SasToken token, Caller caller) {
        if (token.get("spr").equals("https") && !caller.isSecure()) {
            throw new StorageException(StorageCode.AUTHORIZATION_PROTOCOL_MISMATCH, "The SAS is for https only (spr); this request came over http.");
        }
        if (token.has("sip") && !caller.address().isEmpty() && !inRange(token.get("sip"), caller.address())) {
            throw new StorageException(StorageCode.AUTHORIZATION_SOURCE_IP_MISMATCH,
                    "The SAS is for addresses '%s' (sip); this request came from %s.".formatted(token.get("sip"), caller.address()));
        }
    }

    private static boolean inRange(String range, String address) {
        String[] ends = range.split("-", 2);
        byte[] low = addressBytes(ends[0]);
        byte[] high = addressBytes(ends[ends.length - 1]);
        byte[] actual = addressBytes(address);
        return low.length == actual.length && high.length == actual.length
                && Arrays.compareUnsigned(low, actual) <= 0 && Arrays.compareUnsigned(actual, high) <= 0;
    }

    private static byte[] addressBytes(String address) {
        if (!LITERAL_ADDRESS.matcher(address).matches()) {
            throw failed("'%s' in the SAS (sip) is not an IP address.".formatted(address)); // never look a name up
        }
        try {
            return InetAddress.getByName(address).getAddress();
        } catch (UnknownHostException _) {
            throw failed("'%s' in the SAS (sip) is not an IP address.".formatted(address));
        }
    }

    private Grant byKey(StorageRequest request, String authorization) {
        String[] parts = authorization.split("[ :]", 3);
        if (parts.length != 3 || !Set.of("SharedKey", "SharedKeyLite").contains(parts[0])) {
            // Where there is no scheme, the first part may be the secret.
            throw failed("The scheme of the Authorization header is not offered here; a SAS, SharedKey and SharedKeyLite are.");
        }
        if (!parts[1].equals(request.address().owner())) {
            throw failed("The Authorization header names account '%s'; the path names '%s'."
                    .formatted(parts[1], request.address().owner()));
        }
        String text = parts[0].equals("SharedKey") ? SharedKey.text(request) : SharedKey.liteText(request);
        if (!sameText(key(request.address()).sign(text), parts[2])) {
            throw failed("The signature in the Authorization header does not match the request and the account key.");
        }
        Instant signed = SharedKey.date(request).orElseThrow(() -> failed("The request has no valid x-ms-date or Date header."));
        if (Math.abs(signed.getEpochSecond() - clock.instant().getEpochSecond()) > SKEW_SECONDS_MAX) {
            throw failed("The request was signed at %s, more than 15 minutes from now.".formatted(signed));
        }
        return new Grant.Everything();
    }

    private static boolean sameText(String expected, String actual) {
        return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), actual.getBytes(StandardCharsets.UTF_8));
    }

    private static StorageException failed(String why) {
        return new StorageException(StorageCode.AUTHENTICATION_FAILED, "Server failed to authenticate the request. " + why);
    }
}
