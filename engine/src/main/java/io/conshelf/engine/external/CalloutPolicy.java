package io.conshelf.engine.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.LocalCalls;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The cluster's policy of what may be called. An entry that says no keeps everything from what it matches; queries call only what an
/// entry says yes to. Upper and lower case are the same to its patterns, which are compiled once for each text of it.
public final class CalloutPolicy {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Pattern ENCODED = Pattern.compile("%([0-9A-Fa-f]{2})");
    private static final Pattern AMBIGUOUS = Pattern.compile("(?:^|[/\\\\])\\.{1,2}(?:[/\\\\]|$)|//|^/");
    /// An account's name, and what follows the kind of its storage.
    private static final Pattern ACCOUNT = Pattern.compile("([a-z0-9-]+)\\.(?:blob|dfs)\\.(.+)");
    private static final Pattern AZURE = Pattern.compile("\\.core\\.(?:windows\\.net|chinacloudapi\\.cn|usgovcloudapi\\.net)$");
    /// What has the container before the host.
    private static final List<String> DRIVERS = List.of("abfss", "abfs", "wasbs", "wasb");
    private static final IntPredicate UNRESERVED_OR_SLASH =
            character -> character < 0x80 && (Character.isLetterOrDigit(character) || "-._~/\\".indexOf(character) >= 0);

    private final Supplier<Optional<String>> stored;
    private final LocalCalls local;
    private volatile Compiled compiled = new Compiled("[]", List.of());

    /// @param stored the policy's text, where there is one
    CalloutPolicy(Supplier<Optional<String>> stored) {
        this(stored, LocalCalls.OPEN);
    }

    CalloutPolicy(Supplier<Optional<String>> stored, LocalCalls local) {
        this.stored = stored;
        this.local = local;
    }

    private record Entry(String type, Pattern uri, boolean canCall) {
        boolean isOf(String wanted) {
            return type.equalsIgnoreCase(wanted);
        }
    }

    private record Compiled(String text, List<Entry> entries) {}

    /// What is to be called, without what opens it, in one spelling: a server takes several for the same.
    ///
    /// @param origin which server: `https://host:8443/`, or `host:5432`; a match of an entry that says yes begins in it, as what stands
    ///               behind is for the caller to choose
    /// @param rest   of the URI, behind the origin
    /// @param others what else it may be written as, for entries that say no
    /// @param same   its other names, for all entries
    record Target(String origin, String rest, List<String> others, List<Target> same) {
        Target {
            others = List.copyOf(others);
            same = List.copyOf(same);
        }

        static Target of(URI location) {
            String scheme = String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
            String host = String.valueOf(location.getHost()).toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
            String server = scheme + "://" + host;
            int usual = usualPort(scheme);
            String port = location.getPort() < 0 || location.getPort() == usual ? "" : ":" + location.getPort();
            String path = decoded(String.valueOf(location.getRawPath()).replaceFirst("^/", ""), UNRESERVED_OR_SLASH);
            var others = new ArrayList<>(List.of(location.toString().replaceFirst("[?#].*", "")));
            for (String origin : port.isEmpty() && usual > 0 ? List.of(server, server + ":" + usual) : List.of(server + port)) {
                for (String written : List.of(path, decoded(path, _ -> true))) {
                    others.add(origin + "/" + written);
                    others.add(origin + "/" + plain(written));
                }
            }
            List<Target> same = sameAccount(scheme, host, location);
            if (scheme.equals("https") && !AZURE.matcher(host).find()) {
                // It may be any web server, of which only this name is known.
                same.forEach(target -> others.add(target.toString()));
                same = List.of();
            }
            return new Target(server + port + "/", path, others, same);
        }

        /// The other names of what lies in an account of Azure Storage: its containers have two hosts and several schemes.
        private static List<Target> sameAccount(String scheme, String host, URI location) {
            var account = ACCOUNT.matcher(host);
            String path = String.valueOf(location.getRawPath()).replaceFirst("^/", "");
            boolean isOfDrivers = DRIVERS.contains(scheme) && location.getRawUserInfo() != null;
            if (!account.matches() || !isOfDrivers && (!scheme.equals("https") || location.getPort() >= 0 && location.getPort() != usualPort(scheme))) {
                return List.of();
            }
            int slash = path.indexOf('/');
            String container = isOfDrivers ? location.getRawUserInfo() : slash < 0 ? path : path.substring(0, slash);
            String below = isOfDrivers ? path : slash < 0 ? "" : path.substring(slash + 1);
            var same = new ArrayList<Target>();
            for (String kind : List.of("blob", "dfs")) {
                String other = account.group(1) + "." + kind + "." + account.group(2) + "/";
                same.add(new Target("https://" + other, decoded(container + "/" + below, UNRESERVED_OR_SLASH), List.of(), List.of()));
                DRIVERS.forEach(driver -> same.add(new Target(
                        driver + "://" + container + "@" + other, decoded(below, UNRESERVED_OR_SLASH), List.of(), List.of())));
            }
            return same;
        }

        static Target ofFile(Path path) {
            return new Target("file://" + path, "", List.of(), List.of());
        }

        static Target ofServer(String host, int port) {
            return new Target(host.toLowerCase(Locale.ROOT) + ":" + port, "", List.of(), List.of());
        }

        private static int usualPort(String scheme) {
            return switch (scheme) {
                case "https" -> 443;
                case "http" -> 80;
                default -> -1;
            };
        }

        /// With the characters as themselves that are written as `%41` and need not be.
        private static String decoded(String path, IntPredicate isWanted) {
            return ENCODED.matcher(path).replaceAll(found -> {
                int character = Integer.parseInt(found.group(1), 16);
                return Matcher.quoteReplacement(character < 0x80 && isWanted.test(character) ? Character.toString(character) : found.group().toUpperCase(Locale.ROOT));
            });
        }

        /// Without the parts that servers leave out.
        private static String plain(String path) {
            var parts = new ArrayList<String>();
            for (String part : path.split("[/\\\\]+")) {
                if (part.equals("..") && !parts.isEmpty()) {
                    parts.removeLast();
                } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
                    parts.add(part);
                }
            }
            return String.join("/", parts) + (path.endsWith("/") && !parts.isEmpty() ? "/" : "");
        }

        /// Whether its path has parts that servers leave out, each in its own way.
        boolean isAmbiguous() {
            return AMBIGUOUS.matcher(rest).find();
        }

        @Override
        public String toString() {
            return origin + rest;
        }

        /// The forms that patterns of a server are written for: with a port and without, to the end of its name.
        private List<String> bare() {
            String bare = origin.replaceFirst("/$", "");
            return List.of(origin, bare, bare.replaceFirst(":\\d+$", ""));
        }

        boolean isPermittedBy(Pattern pattern) {
            String withPort = origin.replaceFirst("^https://[^:]*(?=/$)", "$0:443").replaceFirst("^http://[^:]*(?=/$)", "$0:80");
            return begins(pattern, origin, rest) || begins(pattern, withPort, rest)
                    || !namesAPath(pattern) && bare().stream().anyMatch(text -> pattern.matcher(text).find())
                    || same.stream().anyMatch(target -> target.isPermittedBy(pattern));
        }

        private static boolean begins(Pattern pattern, String origin, String rest) {
            var match = pattern.matcher(origin + rest);
            return match.find() && match.start() < origin.length();
        }

        /// What is said of a path, also of what it is not, is asked of the whole URI alone.
        private static boolean namesAPath(Pattern pattern) {
            String server = pattern.pattern().replaceFirst("(?i)^\\^?[a-z?()|]*:(?:\\\\?/){2}", "").replaceFirst("(?:\\\\?/\\??)?\\$?$", "");
            return server.contains("/") || server.matches("(?s).*\\(\\?<?[=!].*");
        }

        boolean isRefusedBy(Pattern pattern) {
            return pattern.matcher(toString()).find() || bare().stream().anyMatch(text -> pattern.matcher(text).find())
                    || others.stream().anyMatch(text -> pattern.matcher(text).find())
                    || same.stream().anyMatch(target -> target.isRefusedBy(pattern));
        }
    }

    /// The pattern that says no to a call.
    Optional<String> refusing(String type, URI location) {
        return refusing(type, Target.of(location));
    }

    Optional<String> refusing(String type, Target target) {
        return current().entries().stream()
                .filter(entry -> !entry.canCall() && entry.isOf(type) && target.isRefusedBy(entry.uri()))
                .map(entry -> entry.uri().pattern())
                .findFirst();
    }

    /// @throws KustoException when queries may not call it
    void requireForQueries(String type, Target target) {
        if (target.isAmbiguous()) {
            throw new KustoException(Errors.badRequest("'" + target + "' has '.', '..' or nothing between two slashes, which servers read in several ways: "
                    + "queries call only what is written in one"));
        }
        refusing(type, target).ifPresent(pattern -> {
            throw new KustoException(Errors.badRequest("the callout policy of the cluster forbids calls of the type '" + type + "' to '"
                    + target + "' (CalloutUriRegex '" + pattern + "')"));
        });
        if (current().entries().stream().noneMatch(entry -> entry.canCall() && entry.isOf(type) && target.isPermittedBy(entry.uri()))) {
            throw new KustoException(Errors.badRequest("no entry of the cluster's callout policy lets queries make calls of the type '" + type
                    + "' to '" + target + "': an administrator of the cluster adds one with CanCall=true by "
                    + "'.alter-merge cluster policy callout'"));
        }
    }

    /// What is on this machine and may be called without an entry, or has one that says yes.
    ///
    /// @throws KustoException when commands may not call it
    void requireForCommands(String type, URI location) {
        int port = location.getPort() >= 0 ? location.getPort() : "https".equalsIgnoreCase(location.getScheme()) ? 443 : 80;
        requireForCommands(type, String.valueOf(location.getHost()), port, Target.of(location));
    }

    void requireForCommands(String type, String host, int port, Target target) {
        if (!Loopback.is(host) || local.permits(host, port)) {
            return;
        }
        boolean isAllowed = !target.isAmbiguous() && refusing(type, target).isEmpty()
                && current().entries().stream().anyMatch(entry -> entry.canCall() && entry.isOf(type) && target.isPermittedBy(entry.uri()));
        if (!isAllowed) {
            throw new KustoException(Errors.badRequest("'" + target + "' is on the machine of this cluster, which knows its callers by name: no entry of the cluster's"
                    + " callout policy lets it make calls of the type '" + type + "' there; an administrator of the cluster adds one with CanCall=true by"
                    + " '.alter-merge cluster policy callout', or lists the host under 'live' in the configuration"));
        }
    }

    private Compiled current() {
        String text = stored.get().orElse("[]");
        var known = compiled;
        if (!known.text().equals(text)) {
            known = new Compiled(text, entries(text));
            compiled = known;
        }
        return known;
    }

    private static List<Entry> entries(String text) {
        try {
            var entries = new ArrayList<Entry>();
            for (var entry : JSON.readTree(text)) {
                entries.add(new Entry(
                        entry.path("CalloutType").asText(),
                        Pattern.compile(entry.path("CalloutUriRegex").asText(), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE),
                        entry.path("CanCall").asBoolean()));
            }
            return List.copyOf(entries);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the stored callout policy is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
