package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// A connection string as ADO.NET writes it, `Server=tcp:host,1433;Database=…;User ID=…;Password=…`, read into the few things
/// that a connection here can have. What is not known is refused: nothing of the text reaches a driver as a property.
///
/// @param user     empty where a token stands in for both
/// @param password never to be shown
public record SqlConnectionString(
        SqlDialect dialect, String host, int port, String database, String user, String password, int timeoutSeconds,
        Cover cover) {
    private static final int SQL_SERVER_PORT = 1433;
    private static final int POSTGRESQL_PORT = 5432;
    private static final int MYSQL_PORT = 3306;
    private static final int TIMEOUT_SECONDS = 30;
    private static final int TIMEOUT_SECONDS_MAX = 300;

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\\[?[0-9A-Fa-f:]{2,39}]?");

    /// What names of ADO.NET mean here.
    private enum Key {
        SERVER("server", "data source", "addr", "address", "network address", "host"),
        PORT("port"),
        DATABASE("database", "initial catalog", "db"),
        USER("user id", "userid", "uid", "user", "username", "user name"),
        PASSWORD("password", "pwd"),
        TIMEOUT("connect timeout", "connection timeout", "timeout"),
        AUTHENTICATION("authentication"),
        ENCRYPT("encrypt"),
        TRUST("trustservercertificate", "trust server certificate"),
        SSL_MODE("sslmode", "ssl mode"),
        /// Of pools and clients that are not here.
        IGNORED("pooling", "multipleactiveresultsets", "application name", "min pool size", "max pool size", "command timeout",
                "connectretrycount", "connectretryinterval", "integrated security",
                "persist security info", "persistsecurityinfo",
                // What texts are written in is UTF-8, and variables of the server are its own.
                "charset", "character set", "allowuservariables", "allow user variables");

        private final List<String> names;

        Key(String... names) {
            this.names = List.of(names);
        }

        static Optional<Key> named(String name) {
            return java.util.Arrays.stream(values()).filter(k -> k.names.contains(name.toLowerCase(Locale.ROOT))).findFirst();
        }
    }

    /// @param dialect of the server
    public static SqlConnectionString parse(SqlDialect dialect, String text) {
        Map<Key, String> values = new LinkedHashMap<>();
        pairs(text).forEach((name, value) -> {
            Key key = Key.named(name).orElseThrow(() -> bad("'" + name + "' is not a setting of connections here; known are Server, "
                    + "Port, Database, User ID, Password and Connection Timeout"));
            if (key == Key.IGNORED && name.equalsIgnoreCase("integrated security") && !value.equalsIgnoreCase("false")) {
                throw bad("'Integrated Security' needs a directory, which is not here: name User ID and Password");
            }
            values.put(key, value);
        });
        if (values.containsKey(Key.AUTHENTICATION) && !values.get(Key.AUTHENTICATION).equalsIgnoreCase("SqlPassword")) {
            throw new KustoException(Errors.notSupported("the SQL authentication '" + values.get(Key.AUTHENTICATION)
                    + "': there is no Microsoft Entra ID here; name User ID and Password"));
        }
        return of(dialect, values);
    }

    private static SqlConnectionString of(SqlDialect dialect, Map<Key, String> values) {
        String server = values.getOrDefault(Key.SERVER, "").strip().replaceFirst("(?i)^tcp:", "");
        int comma = server.lastIndexOf(',');
        String host = (comma < 0 ? server : server.substring(0, comma)).strip();
        String port = comma < 0 ? values.getOrDefault(Key.PORT, "") : server.substring(comma + 1).strip();
        if (host.indexOf('\\') >= 0) {
            throw bad("the named instance '" + host + "' cannot be looked up: name its port, as in 'Server=tcp:host,1433'");
        }
        if (!HOST.matcher(host).matches()) {
            throw bad("'Server' is not the name or address of a machine: '" + host + "'");
        }
        String database = values.getOrDefault(Key.DATABASE, "");
        if (database.isEmpty()) {
            throw bad("'Database' is missing");
        }
        int otherwise = switch (dialect) {
            case SQL_SERVER -> SQL_SERVER_PORT;
            case POSTGRESQL -> POSTGRESQL_PORT;
            case MYSQL -> MYSQL_PORT;
        };
        return new SqlConnectionString(
                dialect, host.replaceAll("[\\[\\]]", ""), number("Port", port, otherwise, 65_535), database,
                values.getOrDefault(Key.USER, ""), values.getOrDefault(Key.PASSWORD, ""),
                number("Connection Timeout", values.getOrDefault(Key.TIMEOUT, ""), TIMEOUT_SECONDS, TIMEOUT_SECONDS_MAX),
                cover(values));
    }

    /// How a connection is kept from others.
    public enum Cover {
        /// Nothing is said of it.
        UNSAID("prefer", "disable"), NONE("disable", "disable"), IF_OFFERED("prefer", "disable"), ENCRYPTED("require", "trust"),
        /// Encrypted, to whatever certificate.
        TRUSTING("require", "trust"),
        /// Encrypted, with the certificate of the server's name by an authority that is known.
        VERIFIED("verify-full", "verify-full");

        private final String postgresMode;
        private final String mysqlMode;

        Cover(String postgresMode, String mysqlMode) {
            this.postgresMode = postgresMode;
            this.mysqlMode = mysqlMode;
        }

        String postgresMode() {
            return postgresMode;
        }

        /// Its driver does not ask whether encryption is offered.
        String mysqlMode() {
            return mysqlMode;
        }

        /// Whether a server elsewhere may be reached by it, which is always [#VERIFIED].
        boolean isForOthers() {
            return switch (this) {
                case UNSAID, ENCRYPTED, VERIFIED -> true;
                case NONE, IF_OFFERED, TRUSTING -> false;
            };
        }
    }

    private static Cover cover(Map<Key, String> values) {
        String encrypt = values.getOrDefault(Key.ENCRYPT, "").toLowerCase(Locale.ROOT);
        String mode = values.getOrDefault(Key.SSL_MODE, "").toLowerCase(Locale.ROOT);
        String trust = values.getOrDefault(Key.TRUST, "").toLowerCase(Locale.ROOT);
        Cover byEncrypt = switch (encrypt) {
            case "" -> Cover.UNSAID;
            case "false", "no", "optional" -> Cover.NONE;
            case "true", "yes", "mandatory" -> Cover.ENCRYPTED;
            case "strict" -> Cover.VERIFIED;
            default -> throw bad("'Encrypt' is true, false or strict, found '" + encrypt + "'");
        };
        Cover byMode = switch (mode) {
            case "" -> Cover.UNSAID;
            case "disable", "disabled", "none" -> Cover.NONE;
            case "allow", "prefer", "preferred" -> Cover.IF_OFFERED;
            case "require", "required" -> Cover.ENCRYPTED;
            case "verifyca", "verify-ca", "verifyfull", "verify-full" -> Cover.VERIFIED;
            default -> throw bad("'SSL Mode' is Disable, Prefer, Require, VerifyCA or VerifyFull, found '" + mode + "'");
        };
        if (byEncrypt != Cover.UNSAID && byMode != Cover.UNSAID && byEncrypt != byMode) {
            throw bad("'Encrypt=" + encrypt + "' and 'SSL Mode=" + mode + "' contradict each other: name one of them");
        }
        Cover said = byEncrypt == Cover.UNSAID ? byMode : byEncrypt;
        return switch (trust) {
            case "" -> said;
            case "true", "yes" -> switch (said) {
                case VERIFIED -> throw bad("'TrustServerCertificate=" + trust + "' contradicts that the certificate is to be verified");
                case NONE -> Cover.NONE;
                case UNSAID, IF_OFFERED, ENCRYPTED, TRUSTING -> Cover.TRUSTING;
            };
            // Without encryption there is no certificate; the drivers' own strings say both.
            case "false", "no" -> said == Cover.NONE || said == Cover.IF_OFFERED ? said : Cover.VERIFIED;
            default -> throw bad("'TrustServerCertificate' is true or false, found '" + trust + "'");
        };
    }

    private static int number(String name, String text, int otherwise, int max) {
        if (text.isBlank()) {
            return otherwise;
        }
        if (!text.strip().matches("\\d{1,6}") || Integer.parseInt(text.strip()) < 1 || Integer.parseInt(text.strip()) > max) {
            throw bad("'" + name + "' is a number from 1 to " + max + ", found '" + text + "'");
        }
        return Integer.parseInt(text.strip());
    }

    /// PostgreSQL's strings begin with a `Host` or have a `Port` of its own; SQL Server's have neither.
    public static SqlDialect dialectOf(String text) {
        boolean isPostgres = pairs(text).keySet().stream()
                .anyMatch(name -> name.equalsIgnoreCase("host") || name.equalsIgnoreCase("port"));
        return isPostgres ? SqlDialect.POSTGRESQL : SqlDialect.SQL_SERVER;
    }

    /// `name = value; …`: a value in quotes may hold semicolons, and its quote twice.
    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        int at = 0;
        while (at < text.length()) {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                if (text.substring(at).replace(";", "").isBlank()) {
                    break;
                }
                throw bad("a setting is 'name=value', separated by ';'");
            }
            String name = text.substring(at, equals).replaceFirst("^[;\\s]+", "").strip();
            int start = equals + 1;
            while (start < text.length() && Character.isWhitespace(text.charAt(start))) {
                start++;
            }
            char first = start < text.length() ? text.charAt(start) : ';';
            if (first == '"' || first == '\'') {
                var value = new StringBuilder();
                int end = quoted(text, start, first, value);
                pairs.put(name, value.toString());
                int rest = text.indexOf(';', end);
                at = rest < 0 ? text.length() : rest + 1;
                if (!text.substring(end, rest < 0 ? text.length() : rest).isBlank()) {
                    throw bad("text follows the closing quote of '" + name + "'");
                }
            } else {
                int end = text.indexOf(';', start);
                end = end < 0 ? text.length() : end;
                pairs.put(name, text.substring(start, end).strip());
                at = end + 1;
            }
        }
        return pairs;
    }

    private static int quoted(String text, int start, char quote, StringBuilder value) {
        int at = start + 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == quote && at + 1 < text.length() && text.charAt(at + 1) == quote) {
                value.append(quote);
                at += 2;
            } else if (c == quote) {
                return at + 1;
            } else {
                value.append(c);
                at++;
            }
        }
        throw bad("a quote is not closed");
    }

    private static KustoException bad(String problem) {
        return new KustoException(Errors.badRequest("SQL connection string: " + problem));
    }

    @Override
    public String toString() {
        return dialect.kustoName() + " at " + host + ":" + port + "/" + database;
    }
}
