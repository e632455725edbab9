package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// A database of a SQL server: where it is, who asks and how the connection is kept from others.
///
/// @param instance   SQL Server's named instance, which stands in for the port
/// @param searchPath the schema that names without one are looked up in
/// @param timeZone   of the session; UTC where nothing is said
public record SqlTarget(SqlDialect dialect, String host, int port, Optional<String> instance, String database, SqlLogin login, Cover cover,
        Optional<String> certificateHost, Duration connectTimeout, Optional<Duration> commandTimeout, Optional<String> searchPath, String timeZone,
        boolean isReadOnly, boolean hasSeveralSubnets, Optional<Integer> packetBytes) {
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\\[?[0-9A-Fa-f:]{2,39}]?");
    private static final int CONNECT_SECONDS = 30;
    private static final int CONNECT_SECONDS_MAX = 600;
    private static final int COMMAND_SECONDS_MAX = 7 * 24 * 3600;

    /// How much a definition asks for. To a server elsewhere it is always the most.
    public enum Cover {
        /// Nothing is said, or encryption where the server offers it.
        IF_OFFERED,
        NONE,
        ENCRYPTED,
        /// Encrypted, to whatever certificate.
        TRUSTING,
        /// Encrypted, with a certificate of the server's name by a known authority.
        VERIFIED
    }

    /// Reads the settings of a connection string and of separate properties, which win where both say something.
    ///
    /// @param login other than user and password, where the linked service has one
    public static SqlTarget read(SqlDialect dialect, String connectionString, Map<String, String> properties, Optional<SqlLogin> login)
            throws StoreException {
        Map<String, String> named = new LinkedHashMap<>(ConnectionText.parse(connectionString));
        properties.forEach((name, value) -> named.put(name.toLowerCase(Locale.ROOT), value));
        Map<SqlSetting, String> settings = new EnumMap<>(SqlSetting.class);
        for (Map.Entry<String, String> entry : named.entrySet()) {
            SqlSetting setting = SqlSetting.named(entry.getKey()).orElseThrow(() -> SqlFailure.badConnection("'" + entry.getKey()
                    + "' is not a known setting"));
            switch (setting.treatment()) {
                case IMPLEMENTED -> settings.put(setting, entry.getValue().strip());
                case NO_EFFECT -> {}
                case REFUSED -> {
                    if (!isOff(entry.getValue())) {
                        throw SqlFailure.badConnection("'" + entry.getKey() + "' is not supported: " + setting.note());
                    }
                }
            }
        }
        // A password keeps its blanks.
        named.forEach((name, value) -> SqlSetting.named(name).filter(setting -> setting == SqlSetting.PASSWORD).ifPresent(s -> settings.put(s, value)));
        return of(dialect, settings, login);
    }

    /// Whether a connection string names a user.
    public static boolean namesUser(String connectionString) throws StoreException {
        return ConnectionText.parse(connectionString).entrySet().stream().anyMatch(entry -> !entry.getValue().isBlank()
                && SqlSetting.named(entry.getKey()).filter(setting -> setting == SqlSetting.USER || setting == SqlSetting.INTEGRATED_SECURITY).isPresent());
    }

    private static SqlTarget of(SqlDialect dialect, Map<SqlSetting, String> settings, Optional<SqlLogin> login) throws StoreException {
        String server = settings.getOrDefault(SqlSetting.SERVER, "").replaceFirst("(?i)^tcp:", "");
        String port = settings.getOrDefault(SqlSetting.PORT, "");
        int separator = dialect == SqlDialect.SQL_SERVER ? server.lastIndexOf(',') : server.matches("[^:]*:\\d+") ? server.indexOf(':') : -1;
        if (separator >= 0) {
            port = server.substring(separator + 1).strip();
            server = server.substring(0, separator).strip();
        }
        Optional<String> instance = Optional.empty();
        if (dialect == SqlDialect.SQL_SERVER && server.indexOf('\\') >= 0) {
            instance = Optional.of(server.substring(server.indexOf('\\') + 1)).filter(name -> !name.equalsIgnoreCase("MSSQLSERVER"));
            server = server.substring(0, server.indexOf('\\'));
        }
        if (server.equals(".") || server.equalsIgnoreCase("(local)")) {
            server = "localhost";
        }
        if (!HOST.matcher(server).matches()) {
            throw SqlFailure.badConnection(server.isEmpty() ? "'server' is missing" : "'" + server + "' is not the name or address of a machine");
        }
        String database = settings.getOrDefault(SqlSetting.DATABASE, "");
        if (database.isEmpty()) {
            throw SqlFailure.badConnection("'database' is missing");
        }
        int commandSeconds = number("commandTimeout", settings.get(SqlSetting.COMMAND_TIMEOUT), 0, 0, COMMAND_SECONDS_MAX);
        return new SqlTarget(dialect, server.replaceAll("[\\[\\]]", ""), number("port", port, dialect.port(), 1, 65_535), instance, database,
                login.isPresent() ? login.get() : password(settings), cover(dialect, settings),
                Optional.ofNullable(settings.get(SqlSetting.CERTIFICATE_HOST)).filter(host -> !host.isBlank()),
                Duration.ofSeconds(number("connectTimeout", settings.get(SqlSetting.CONNECT_TIMEOUT), CONNECT_SECONDS, 0, CONNECT_SECONDS_MAX)),
                commandSeconds == 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(commandSeconds)),
                Optional.ofNullable(settings.get(SqlSetting.SEARCH_PATH)).filter(path -> !path.isBlank()),
                Optional.ofNullable(settings.get(SqlSetting.TIME_ZONE)).filter(zone -> !zone.isBlank()).orElse("UTC"),
                settings.getOrDefault(SqlSetting.APPLICATION_INTENT, "").replace(" ", "").equalsIgnoreCase("readonly"),
                isOn("multiSubnetFailover", settings.get(SqlSetting.MULTI_SUBNET_FAILOVER)),
                Optional.of(number("packetSize", settings.get(SqlSetting.PACKET_SIZE), 0, 0, 32_767)).filter(bytes -> bytes > 0));
    }

    private static SqlLogin password(Map<SqlSetting, String> settings) throws StoreException {
        String kind = settings.getOrDefault(SqlSetting.AUTHENTICATION, "").replace(" ", "").toLowerCase(Locale.ROOT);
        boolean isIntegrated = settings.containsKey(SqlSetting.INTEGRATED_SECURITY) && !isOff(settings.get(SqlSetting.INTEGRATED_SECURITY));
        if (isIntegrated || kind.equals("windows")) {
            throw SqlFailure.badConnection("Windows authentication needs a directory, which is not here; name a user and a password of the server");
        }
        switch (kind) {
            case "", "sql", "sqlpassword", "basic", "notspecified" -> {}
            default -> throw SqlFailure.badConnection("the authentication '" + kind + "' is not supported; use a user and a password, a service "
                    + "principal or a managed identity");
        }
        String user = settings.getOrDefault(SqlSetting.USER, "");
        if (user.isBlank()) {
            throw SqlFailure.badConnection("the user is missing");
        }
        return new SqlLogin.Password(user, settings.getOrDefault(SqlSetting.PASSWORD, ""));
    }

    private static Cover cover(SqlDialect dialect, Map<SqlSetting, String> settings) throws StoreException {
        Cover stated = dialect == SqlDialect.POSTGRESQL ? postgresCover(settings) : sqlServerCover(settings.getOrDefault(SqlSetting.ENCRYPT, ""));
        if (!settings.containsKey(SqlSetting.TRUST) || settings.get(SqlSetting.TRUST).isBlank()) {
            return stated;
        }
        if (isOn("trustServerCertificate", settings.get(SqlSetting.TRUST))) {
            return switch (stated) {
                case NONE, IF_OFFERED -> stated;
                case ENCRYPTED, TRUSTING, VERIFIED -> Cover.TRUSTING;
            };
        }
        return stated == Cover.ENCRYPTED ? Cover.VERIFIED : stated;
    }

    private static Cover sqlServerCover(String encrypt) throws StoreException {
        return switch (encrypt.toLowerCase(Locale.ROOT)) {
            case "" -> Cover.IF_OFFERED;
            case "false", "no", "optional" -> Cover.NONE;
            case "true", "yes", "mandatory" -> Cover.ENCRYPTED;
            case "strict" -> Cover.VERIFIED;
            default -> throw SqlFailure.badConnection("'encrypt' is mandatory, optional or strict, found '" + encrypt + "'");
        };
    }

    // The numbers and the names of the service's own properties, those of Npgsql, and those of the older driver.
    private static Cover postgresCover(Map<SqlSetting, String> settings) throws StoreException {
        String mode = settings.getOrDefault(SqlSetting.SSL_MODE, "").toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
        String method = settings.getOrDefault(SqlSetting.ENCRYPTION_METHOD, "");
        if (mode.isEmpty() && !method.isEmpty()) {
            boolean isValidated = isOn("ValidateServerCertificate", settings.get(SqlSetting.VALIDATE_CERTIFICATE));
            return switch (method) {
                case "0" -> Cover.NONE;
                case "1" -> isValidated ? Cover.VERIFIED : Cover.ENCRYPTED;
                case "6" -> Cover.IF_OFFERED;
                default -> throw SqlFailure.badConnection("'EncryptionMethod' is 0, 1 or 6, found '" + method + "'");
            };
        }
        return switch (mode) {
            case "", "1", "allow", "2", "prefer", "preferred" -> Cover.IF_OFFERED;
            case "0", "disable", "disabled" -> Cover.NONE;
            case "3", "require", "required" -> Cover.ENCRYPTED;
            case "4", "verifyca", "5", "verifyfull" -> Cover.VERIFIED;
            default -> throw SqlFailure.badConnection("'sslMode' is 0 to 5, or Disable, Allow, Prefer, Require, Verify-ca or Verify-full, found '"
                    + settings.get(SqlSetting.SSL_MODE) + "'");
        };
    }

    private static boolean isOff(String value) {
        return switch (value.strip().toLowerCase(Locale.ROOT)) {
            case "", "false", "no", "0", "disabled" -> true;
            default -> false;
        };
    }

    private static boolean isOn(String name, String value) throws StoreException {
        return switch (value == null ? "" : value.strip().toLowerCase(Locale.ROOT)) {
            case "", "false", "no", "0" -> false;
            case "true", "yes", "1" -> true;
            default -> throw SqlFailure.badConnection("'" + name + "' is true or false, found '" + value + "'");
        };
    }

    private static int number(String name, String text, int otherwise, int min, int max) throws StoreException {
        if (text == null || text.isBlank()) {
            return otherwise;
        }
        if (!text.strip().matches("\\d{1,8}") || Integer.parseInt(text.strip()) < min || Integer.parseInt(text.strip()) > max) {
            throw SqlFailure.badConnection("'" + name + "' is a number from " + min + " to " + max + ", found '" + text + "'");
        }
        return Integer.parseInt(text.strip());
    }

    /// Whether the server is on this machine by its name, without a look-up.
    public boolean isLoopback() {
        return Endpoints.isLoopback(host);
    }

    @Override
    public String toString() {
        return "database '" + database + "' of the " + dialect.title() + " at " + host + instance.map(name -> "\\" + name).orElse(":" + port);
    }
}
