package io.conshelf.streams.job;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where an MQTT broker is: `host:port`, or a URL as MQTT's own tools and Data Processor write it.
public record BrokerAddress(String host, int port, boolean isEncrypted) {
    private static final Pattern FORM = Pattern.compile("(?:(?<scheme>mqtt|tcp|mqtts|ssl|tls)://)?(?<host>[^/:\\[\\]\\s]+|\\[[0-9a-fA-F:.]+])(?::(?<port>\\d{1,5}))?/?",
            Pattern.CASE_INSENSITIVE);
    private static final int PORT = 1883;
    private static final int ENCRYPTED_PORT = 8883;
    private static final int PORT_MAX = 65_535;

    /// @param isEncrypted whether the settings ask for encryption where the address says nothing of it
    public static Optional<BrokerAddress> of(String stated, boolean isEncrypted) {
        Matcher address = FORM.matcher(stated.strip());
        if (!address.matches()) {
            return Optional.empty();
        }
        String scheme = Optional.ofNullable(address.group("scheme")).orElse("").toLowerCase(Locale.ROOT);
        boolean encrypts = isEncrypted || scheme.equals("mqtts") || scheme.equals("ssl") || scheme.equals("tls");
        int port = Optional.ofNullable(address.group("port")).map(Integer::parseInt).orElse(encrypts ? ENCRYPTED_PORT : PORT);
        return port < 1 || port > PORT_MAX ? Optional.empty() : Optional.of(new BrokerAddress(address.group("host"), port, encrypts));
    }
}
