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

/// IP addresses and network prefixes.
final class NetworkKernels {
    static final List<Kernel> ALL = List.of(
            kernel("kql_parse_ipv4", LONG, (in, row, out) -> {
                long network = Ipv4.parse(in.text(0, row));
                long mask = in.int64(1, row);
                if (network == Ipv4.NONE || mask < 0 || mask > Ipv4.BITS) {
                    out.setNull(row);
                } else {
                    out.int64(row, Ipv4.cut(network, Math.min(mask, Ipv4.prefix(network))));
                }
            }, STRING, LONG),
            kernel("kql_format_ipv4", STRING, (in, row, out) -> text(out, row,
                    Ipv4.format(in.text(0, row), in.int64(1, row), in.bool(2, row))), STRING, LONG, BOOL),
            kernel("kql_ipv4_suffix", LONG, (in, row, out) -> {
                long network = Ipv4.parse(in.text(0, row));
                if (network == Ipv4.NONE) {
                    out.setNull(row);
                } else {
                    out.int64(row, Ipv4.prefix(network));
                }
            }, STRING),
            kernel("kql_ipv4_is_private", BOOL, (in, row, out) -> {
                long network = Ipv4.parse(in.text(0, row));
                if (network == Ipv4.NONE) {
                    out.setNull(row);
                } else {
                    out.bool(row, Ipv4.isPrivate(network));
                }
            }, STRING),
            kernel("kql_ipv4_compare", LONG, LastIpv4s::new, (last, in, row, out) -> {
                long left = last.left.of(in.text(0, row));
                long right = last.right.of(in.text(1, row));
                long mask = in.int64(2, row);
                if (left == Ipv4.NONE || right == Ipv4.NONE || mask < 0 || mask > Ipv4.BITS) {
                    out.setNull(row);
                } else {
                    out.int64(row, Ipv4.compare(left, right, mask));
                }
            }, STRING, STRING, LONG),
            kernel("kql_ipv4_in_ranges", BOOL, Ipv4.LastRanges::new, (ranges, in, row, out) -> {
                ranges.read(in.text(1, row));
                long ip = Ipv4.parse(in.text(0, row));
                if (ip == Ipv4.NONE || ranges.areNone()) {
                    out.setNull(row);
                } else {
                    out.bool(row, ranges.haveAny(ip));
                }
            }, STRING, DYNAMIC),
            kernel("kql_ipv6_compare", LONG, LastIpv6s::new, (last, in, row, out) -> {
                Optional<Ipv6.Compared> left = last.left.of(in.text(0, row));
                Optional<Ipv6.Compared> right = last.right.of(in.text(1, row));
                long mask = in.int64(2, row);
                if (left.isEmpty() || right.isEmpty() || mask < 0 || mask > Ipv6.BITS) {
                    out.setNull(row);
                } else {
                    out.int64(row, left.get().compareTo(right.get(), mask));
                }
            }, STRING, STRING, LONG),
            kernel("kql_ipv6_in_ranges", BOOL, LastIpv6Ranges::new, (ranges, in, row, out) -> {
                ranges.read(in.text(1, row));
                Optional<Ipv6.Compared> ip = Ipv6.Compared.of(in.text(0, row));
                if (ip.isEmpty() || ranges.areNone()) {
                    out.setNull(row);
                } else {
                    out.bool(row, ranges.haveAny(ip.get()));
                }
            }, STRING, DYNAMIC),
            kernel("kql_parse_ipv6", STRING, (in, row, out) -> {
                long mask = in.int64(1, row);
                text(out, row, mask < 0 || mask > Ipv6.BITS ? Optional.empty()
                        : Ipv6.parse(in.text(0, row)).map(ip -> ip.cut(mask).toString()));
            }, STRING, LONG),
            kernel("kql_ipv4_networks", DYNAMIC, (in, row, out) -> text(out, row, networks(address(in.text(0, row)), address(in.text(1, row)))), STRING, STRING),
            kernel("kql_has_ipv4", BOOL, StringKernels.LastTerms::new, (terms, in, row, out) -> out.bool(row,
                    Ipv4.isAnyIn(in.text(0, row), terms.of(in.text(1, row)), false)), STRING, DYNAMIC),
            kernel("kql_has_ipv4_prefix", BOOL, StringKernels.LastTerms::new, (terms, in, row, out) -> out.bool(row,
                    Ipv4.isAnyIn(in.text(0, row), terms.of(in.text(1, row)), true)), STRING, DYNAMIC));

    private static final class LastIpv4s {
        private final Ipv4.Last left = new Ipv4.Last();
        private final Ipv4.Last right = new Ipv4.Last();
    }

    private static final class LastIpv6s {
        private final LastIpv6 left = new LastIpv6();
        private final LastIpv6 right = new LastIpv6();
    }

    /// The last text and its network: mostly that of the next row too where an argument is a constant.
    private static final class LastIpv6 {
        private String text = "";
        private Optional<Ipv6.Compared> network = Optional.empty();

        Optional<Ipv6.Compared> of(String next) {
            if (!next.equals(text)) {
                network = Ipv6.Compared.of(next);
                text = next;
            }
            return network;
        }
    }

    private static final class LastIpv6Ranges {
        private final StringKernels.LastTerms terms = new StringKernels.LastTerms();
        private List<String> texts = List.of();
        private List<Ipv6.Compared> ranges = List.of();

        void read(String array) {
            List<String> next = terms.of(array);
            if (next != texts) {
                ranges = next.stream().flatMap(range -> Ipv6.Compared.of(range).stream()).toList();
                texts = next;
            }
        }

        boolean areNone() {
            return ranges.isEmpty() && !texts.isEmpty();
        }

        boolean haveAny(Ipv6.Compared ip) {
            return ranges.stream().anyMatch(range -> ip.compareTo(range, Ipv6.BITS) == 0);
        }
    }

    private NetworkKernels() {}

    private static void text(CellWriter out, int row, Optional<String> value) {
        if (value.isPresent()) {
            out.text(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    static OptionalLong address(String text) {
        long address = Ipv4.parse(text, 0, text.length());
        return address == Ipv4.NONE ? OptionalLong.empty() : OptionalLong.of(address);
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
            networks.add(DynamicText.ofString(Ipv4.dotted(from) + "/" + (32 - bits)));
            from += 1L << bits;
        }
        return Optional.of(DynamicParts.array(networks));
    }
}
