package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// IP addresses and network prefixes.
final class NetworkKernels {
    private static final Pattern CANDIDATE = Pattern.compile("(?<![\\p{L}\\p{N}.])\\d{1,3}(?:\\.\\d{1,3}){3}(?![\\p{L}\\p{N}])");

    static final List<Kernel> ALL = List.of(
            kernel("kql_parse_ipv4", LONG,
                    (in, row, out) -> ConversionKernels.int64(out, row, parse(in.text(0, row), in.int64(1, row))), STRING, LONG),
            kernel("kql_format_ipv4", STRING, (in, row, out) -> text(out, row,
                    format(in.text(0, row), in.int64(1, row), in.bool(2, row))), STRING, LONG, BOOL),
            kernel("kql_ipv4_suffix", LONG, (in, row, out) -> ConversionKernels.int64(out, row,
                    network(in.text(0, row)).map(n -> OptionalLong.of(n.prefix)).orElse(OptionalLong.empty())), STRING),
            kernel("kql_ipv4_is_private", BOOL, (in, row, out) -> {
                Optional<Network> network = network(in.text(0, row));
                if (network.isEmpty()) {
                    out.setNull(row);
                } else {
                    out.bool(row, network.get().isPrivate());
                }
            }, STRING),
            kernel("kql_ipv4_compare", LONG, (in, row, out) -> ConversionKernels.int64(out, row,
                    compare(in.text(0, row), in.text(1, row), in.int64(2, row))), STRING, STRING, LONG),
            kernel("kql_ipv4_in_ranges", BOOL, (in, row, out) -> {
                String ip = in.text(0, row);
                if (network(ip).isEmpty()) {
                    out.setNull(row);
                } else {
                    out.bool(row, StringKernels.terms(in.text(1, row)).stream()
                            .anyMatch(range -> isZero(compare(ip, range, 32))));
                }
            }, STRING, DYNAMIC),
            kernel("kql_ipv6_compare", LONG, (in, row, out) -> ConversionKernels.int64(out, row,
                    Ipv6.compare(in.text(0, row), in.text(1, row), in.int64(2, row))), STRING, STRING, LONG),
            kernel("kql_ipv6_in_ranges", BOOL, (in, row, out) -> {
                String ip = in.text(0, row);
                if (Ipv6.parse(ip).isEmpty()) {
                    out.setNull(row);
                } else {
                    out.bool(row, StringKernels.terms(in.text(1, row)).stream()
                            .anyMatch(range -> isZero(Ipv6.compare(ip, range, 128))));
                }
            }, STRING, DYNAMIC),
            kernel("kql_parse_ipv6", STRING, (in, row, out) -> text(out, row,
                    Ipv6.parse(in.text(0, row)).map(ip -> ip.cut(in.int64(1, row)).toString())), STRING, LONG),
            kernel("kql_ipv4_networks", DYNAMIC, (in, row, out) -> text(out, row, networks(address(in.text(0, row)), address(in.text(1, row)))), STRING, STRING),
            kernel("kql_has_ipv4", BOOL, (in, row, out) -> out.bool(row,
                    hasAddress(in.text(0, row), StringKernels.terms(in.text(1, row)), false)), STRING, DYNAMIC),
            kernel("kql_has_ipv4_prefix", BOOL, (in, row, out) -> out.bool(row,
                    hasAddress(in.text(0, row), StringKernels.terms(in.text(1, row)), true)), STRING, DYNAMIC));

    private NetworkKernels() {}

    private static void text(CellWriter out, int row, Optional<String> value) {
        if (value.isPresent()) {
            out.text(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    private static boolean isZero(OptionalLong value) {
        return value.isPresent() && value.getAsLong() == 0;
    }

    private record Network(long address, int prefix) {
        long cut(long bits) {
            return bits >= 32 ? address : address & -1L << 32 - bits & 0xFFFF_FFFFL;
        }

        boolean isPrivate() {
            return isIn(0x0A00_0000L, 8) || isIn(0xAC10_0000L, 12) || isIn(0xC0A8_0000L, 16);
        }

        private boolean isIn(long network, int bits) {
            return prefix >= bits && cut(bits) == network;
        }
    }

    /// `1.2.3.4` or `1.2.3.4/24`.
    private static Optional<Network> network(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        int prefix = 32;
        if (slash >= 0) {
            OptionalLong bits = ConversionKernels.readLong(text.substring(slash + 1), 32);
            if (bits.isEmpty() || bits.getAsLong() < 0 || bits.getAsLong() > 32) {
                return Optional.empty();
            }
            prefix = (int) bits.getAsLong();
        }
        OptionalLong value = address(address.strip());
        return value.isPresent() ? Optional.of(new Network(value.getAsLong(), prefix)) : Optional.empty();
    }

    static OptionalLong address(String text) {
        long value = 0;
        int parts = 0;
        int start = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at < text.length() && text.charAt(at) != '.') {
                continue;
            }
            boolean hasZeroBefore = at - start > 1 && text.charAt(start) == '0';
            if (at == start || at - start > 3 || hasZeroBefore) {
                return OptionalLong.empty();
            }
            int part = 0;
            for (int i = start; i < at; i++) {
                int digit = text.charAt(i) - '0';
                if (digit < 0 || digit > 9) {
                    return OptionalLong.empty();
                }
                part = part * 10 + digit;
            }
            if (part > 255) {
                return OptionalLong.empty();
            }
            value = value << 8 | part;
            parts++;
            start = at + 1;
        }
        return parts == 4 ? OptionalLong.of(value) : OptionalLong.empty();
    }

    private static OptionalLong parse(String text, long mask) {
        Optional<Network> network = network(text);
        if (network.isEmpty() || mask < 0 || mask > 32) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(network.get().cut(Math.min(mask, network.get().prefix)));
    }

    private static Optional<String> format(String text, long mask, boolean withPrefix) {
        Optional<Network> network = network(text);
        if (network.isEmpty()) {
            OptionalLong number = ConversionKernels.readLong(text, 64);
            if (number.isPresent() && number.getAsLong() >= 0 && number.getAsLong() <= 0xFFFF_FFFFL) {
                network = Optional.of(new Network(number.getAsLong(), 32));
            }
        }
        if (network.isEmpty() || mask < 0 || mask > 32) {
            return Optional.empty();
        }
        long prefix = Math.min(mask, network.get().prefix);
        long address = network.get().cut(prefix);
        String dotted = (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
        return Optional.of(withPrefix ? dotted + "/" + prefix : dotted);
    }

    /// Compared within the shortest of the prefixes.
    private static OptionalLong compare(String a, String b, long mask) {
        Optional<Network> left = network(a);
        Optional<Network> right = network(b);
        if (left.isEmpty() || right.isEmpty() || mask < 0 || mask > 32) {
            return OptionalLong.empty();
        }
        long bits = Math.min(mask, Math.min(left.get().prefix, right.get().prefix));
        return OptionalLong.of(Long.compare(left.get().cut(bits), right.get().cut(bits)));
    }

    /// Addresses in a text stand between characters that are neither letters nor digits.
    private static boolean hasAddress(String source, List<String> sought, boolean isPrefix) {
        Matcher matcher = CANDIDATE.matcher(source);
        while (matcher.find()) {
            String found = matcher.group();
            if (address(found).isEmpty()) {
                continue;
            }
            for (String ip : sought) {
                // A prefix ends with a dot, or is a whole address.
                boolean matches = isPrefix && ip.endsWith(".") ? found.startsWith(ip) : found.equals(ip);
                if (matches) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Optional<String> networks(OptionalLong start, OptionalLong end) {
        if (start.isEmpty() || end.isEmpty() || start.getAsLong() > end.getAsLong()) {
            return Optional.empty();
        }
        List<String> networks = new ArrayList<>();
        long from = start.getAsLong();
        while (from <= end.getAsLong()) {
            // as large as its first address and what is left allow
            int bits = Math.min(from == 0 ? 32 : Long.numberOfTrailingZeros(from), 63 - Long.numberOfLeadingZeros(end.getAsLong() - from + 1));
            networks.add(DynamicText.ofString(format(Long.toString(from), 32, false).orElseThrow() + "/" + (32 - bits)));
            from += 1L << bits;
        }
        return Optional.of(DynamicParts.array(networks));
    }
}
