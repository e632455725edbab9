package io.conshelf.kql.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// An IPv6 address with the length of its network prefix. An IPv4 address is taken as its mapped form, and so is the old form
/// `::1.2.3.4`, as the page of `parse_ipv6_mask` shows and recorded comparisons do.
record Ipv6(long high, long low, int prefix) {
    static final int BITS = 128;
    private static final int GROUPS = 8;
    private static final long MAPPED = 0xFFFF_0000_0000L;
    private static final String DIGITS = "0123456789abcdef";

    static Optional<Ipv6> parse(String text) {
        int slash = text.indexOf('/');
        String address = (slash < 0 ? text : text.substring(0, slash)).strip();
        int zone = address.indexOf('%');
        if (zone >= 0) {
            address = address.substring(0, zone);
        }
        boolean isIpv4 = address.indexOf(':') < 0;
        // The prefix of an address that ends as an IPv4 address is one of IPv4, by recorded answers.
        int bitsMax = address.indexOf('.') >= 0 ? 32 : 128;
        int prefix = 128;
        if (slash >= 0) {
            OptionalLong bits = ConversionKernels.readLong(text.substring(slash + 1), 32);
            if (bits.isEmpty() || bits.getAsLong() < 0 || bits.getAsLong() > bitsMax) {
                return Optional.empty();
            }
            prefix = (int) bits.getAsLong() + 128 - bitsMax;
        }
        if (isIpv4) {
            OptionalLong value = NetworkKernels.address(address);
            return value.isEmpty() ? Optional.empty() : Optional.of(new Ipv6(0, MAPPED | value.getAsLong(), prefix));
        }
        int gap = address.indexOf("::");
        Optional<List<Integer>> before = groups(gap < 0 ? address : address.substring(0, gap));
        Optional<List<Integer>> after = groups(gap < 0 ? "" : address.substring(gap + 2));
        if (before.isEmpty() || after.isEmpty()) {
            return Optional.empty();
        }
        int missing = GROUPS - before.get().size() - after.get().size();
        if (gap < 0 ? missing != 0 : missing < 1) {
            return Optional.empty();
        }
        List<Integer> all = new ArrayList<>(before.get());
        for (int i = 0; i < missing; i++) {
            all.add(0);
        }
        all.addAll(after.get());
        long high = word(all, 0);
        long low = word(all, 4);
        boolean isOldForm = bitsMax == 32 && high == 0 && low >>> 32 == 0;
        return Optional.of(new Ipv6(high, isOldForm ? MAPPED | low : low, prefix));
    }

    private static long word(List<Integer> groups, int from) {
        long word = 0;
        for (int i = from; i < from + 4; i++) {
            word = word << 16 | groups.get(i);
        }
        return word;
    }

    /// Groups of hexadecimal digits; the last may be an IPv4 address, which is two of them.
    private static Optional<List<Integer>> groups(String text) {
        List<Integer> groups = new ArrayList<>();
        if (text.isEmpty()) {
            return Optional.of(groups);
        }
        String[] parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].indexOf('.') >= 0) {
                OptionalLong ipv4 = NetworkKernels.address(parts[i]);
                if (ipv4.isEmpty() || i < parts.length - 1) {
                    return Optional.empty();
                }
                groups.add((int) (ipv4.getAsLong() >> 16));
                groups.add((int) (ipv4.getAsLong() & 0xFFFF));
            } else if (parts[i].isEmpty() || parts[i].length() > 4 || !parts[i].chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
                return Optional.empty();
            } else {
                groups.add(Integer.parseInt(parts[i], 16));
            }
        }
        return groups.size() > GROUPS ? Optional.empty() : Optional.of(groups);
    }

    Ipv6 cut(long bits) {
        long kept = Math.min(bits, prefix);
        if (kept >= 128) {
            return this;
        }
        if (kept >= 64) {
            return new Ipv6(high, kept == 64 ? 0 : low & -1L << 128 - kept, prefix);
        }
        return new Ipv6(kept == 0 ? 0 : high & -1L << 64 - kept, 0, prefix);
    }

    /// One as it is compared with others.
    ///
    /// @param isIpv4 it was written so
    record Compared(Ipv6 address, boolean isIpv4) {
        static Optional<Compared> of(String text) {
            return parse(text).map(ip -> new Compared(ip, text.indexOf(':') < 0));
        }

        /// @param mask 0 to 128; of two that are written as IPv4 it counts their 32 bits
        int compareTo(Compared other, long mask) {
            long bits = isIpv4 && other.isIpv4 && mask <= 32 ? mask + 96 : mask;
            long effective = Math.min(bits, Math.min(address.prefix, other.address.prefix));
            Ipv6 x = address.cut(effective);
            Ipv6 y = other.address.cut(effective);
            int order = Long.compareUnsigned(x.high, y.high);
            return order != 0 ? order : Long.compareUnsigned(x.low, y.low);
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < GROUPS; i++) {
            long word = i < 4 ? high : low;
            if (i > 0) {
                text.append(':');
            }
            for (int shift = 60 - 16 * (i % 4); shift >= 48 - 16 * (i % 4); shift -= 4) {
                text.append(DIGITS.charAt((int) (word >>> shift) & 15));
            }
        }
        return text.toString();
    }
}
