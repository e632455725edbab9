package io.conshelf.connectors.sql;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What connection strings and linked services say about a connection, by all the names it has there, and how it is treated.
public enum SqlSetting {
    SERVER("server", "data source", "datasource", "addr", "address", "network address", "host"),
    PORT("port"),
    DATABASE("database", "initial catalog", "db"),
    USER("user id", "userid", "uid", "user", "username", "user name"),
    PASSWORD("password", "pwd"),
    CONNECT_TIMEOUT("connect timeout", "connection timeout", "timeout", "connecttimeout", "connectiontimeout"),
    COMMAND_TIMEOUT("command timeout", "commandtimeout"),
    ENCRYPT("encrypt"),
    TRUST("trustservercertificate", "trust server certificate"),
    CERTIFICATE_HOST("hostnameincertificate", "host name in certificate"),
    SSL_MODE("sslmode", "ssl mode"),
    ENCRYPTION_METHOD("encryptionmethod", "em"),
    VALIDATE_CERTIFICATE("validateservercertificate", "vsc"),
    SEARCH_PATH("schema", "searchpath", "search path"),
    TIME_ZONE("timezone"),
    AUTHENTICATION("authentication", "authenticationtype"),
    INTEGRATED_SECURITY("integrated security", "integratedsecurity", "trusted_connection", "trusted connection"),
    APPLICATION_INTENT("applicationintent", "application intent"),
    MULTI_SUBNET_FAILOVER("multisubnetfailover", "multi subnet failover"),
    PACKET_SIZE("packetsize", "packet size"),

    POOLING(Treatment.NO_EFFECT, "connections are pooled for as long as a run", "pooling", "max pool size", "min pool size", "maxpoolsize", "minpoolsize",
            "maximum pool size", "minimum pool size", "loadbalancetimeout", "load balance timeout", "connection lifetime"),
    RETRIES(Treatment.NO_EFFECT, "the activity's policy retries", "connectretrycount", "connectretryinterval", "connect retry count",
            "connect retry interval"),
    CLIENT(Treatment.NO_EFFECT, "the client is another", "multipleactiveresultsets", "multiple active result sets", "application name", "app",
            "persist security info", "persistsecurityinfo", "workstation id", "wsid", "readbuffersize", "read buffer size", "keepalive", "encoding",
            "client encoding"),
    LOG_PARAMETERS(Treatment.NO_EFFECT, "values of parameters are never logged", "logparameters", "log parameters"),

    FAILOVER_PARTNER(Treatment.REFUSED, "one server is reached, the one that is named", "failoverpartner", "failover partner"),
    CLIENT_CERTIFICATE(Treatment.REFUSED, "certificates of clients are not supported yet; use a password", "sslcertificate", "ssl certificate", "sslkey",
            "ssl key", "sslpassword", "ssl password"),
    ALWAYS_ENCRYPTED(Treatment.REFUSED, "columns stay encrypted", "column encryption setting", "columnencryption", "alwaysencryptedsettings"),
    ATTACH(Treatment.REFUSED, "a database is named, not a file", "attachdbfilename", "extended properties", "initial file name");

    /// How a setting is treated. One that is not in the list is refused.
    public enum Treatment { IMPLEMENTED, NO_EFFECT, REFUSED }

    private final Treatment treatment;
    private final String note;
    private final List<String> names;

    SqlSetting(String... names) {
        this.treatment = Treatment.IMPLEMENTED;
        this.note = "";
        this.names = List.of(names);
    }

    SqlSetting(Treatment treatment, String note, String... names) {
        this.treatment = treatment;
        this.note = note;
        this.names = List.of(names);
    }

    public Treatment treatment() {
        return treatment;
    }

    /// Why it has no effect, or is refused.
    public String note() {
        return note;
    }

    public List<String> names() {
        return names;
    }

    public static Optional<SqlSetting> named(String name) {
        return Arrays.stream(values()).filter(setting -> setting.names.contains(name.toLowerCase(Locale.ROOT))).findFirst();
    }
}
