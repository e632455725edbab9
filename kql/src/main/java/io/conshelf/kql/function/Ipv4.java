package io.conshelf.kql.function;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// IPv4 addresses with the length of a network prefix, each a plain number: rows by the million are read into it, and nothing is made for one.
///
/// The address stands in the lower 32 bits, the prefix above them.
final class Ipv4 {
    /// What no text that is no address gives.
    static final long NONE = -1;

    static final int BITS = 32;
    private static final int PARTS = 4;
    private static final int PART_DIGITS_MAX = 3;
    private static final int PART_MAX = 255;
    private static final long ADDRESS = 0xFFFF_FFFFL;

    private Ipv4() {}

    static long of(long address, long prefix) {
        return prefix << BITS | address;
    }

    static long address(long network) {
        return network & ADDRESS;
    }

    static int prefix(long network) {
        return (int) (network >>> BITS);
    }

    /// `1.2.3.4` or `1.2.3.4/24`, or [#NONE].
    static long parse(String text) {
        int slash = text.indexOf('/');
        int prefix = BITS;
        if (slash >= 0) {
            OptionalLong bits = ConversionKernels.readLong(text.substring(slash + 1), 32);
            if (bits.isEmpty() || bits.getAsLong() < 0 || bits.getAsLong() > BITS) {
                return NONE;
            }
            prefix = (int) bits.getAsLong();
        }
        int start = 0;
        int end = slash < 0 ? text.length() : slash;
        while (start < end && Character.isWhitespace(text.charAt(start))) {
            start++;
        }
        while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
            end--;
        }
        long address = parse(text, start, end);
        return address == NONE ? NONE : of(address, prefix);
    }

    /// The number of an address without blanks and prefix between two places of a text, or [#NONE].
    static long parse(String text, int start, int end) {
        long value = 0;
        int parts = 0;
        int at = start;
        while (true) {
            int part = 0;
            int first = at;
            for (; at < end && text.charAt(at) != '.'; at++) {
                int digit = text.charAt(at) - '0';
                if (digit < 0 || digit > 9 || at - first == PART_DIGITS_MAX) {
                    return NONE;
                }
                part = part * 10 + digit;
            }
            boolean hasZeroBefore = at - first > 1 && text.charAt(first) == '0';
            if (at == first || hasZeroBefore || part > PART_MAX || ++parts > PARTS) {
                return NONE;
            }
            value = value << 8 | part;
            if (at == end) {
                return parts == PARTS ? value : NONE;
            }
            at++;
        }
    }

    /// The address with all but so many of its first bits cleared.
    static long cut(long network, long bits) {
        return bits >= BITS ? address(network) : network & -1L << BITS - bits & ADDRESS;
    }

    static boolean isPrivate(long network) {
        return isIn(network, 0x0A00_0000L, 8) || isIn(network, 0xAC10_0000L, 12) || isIn(network, 0xC0A8_0000L, 16);
    }

    private static boolean isIn(long network, long other, int bits) {
        return prefix(network) >= bits && cut(network, bits) == other;
    }

    /// Compared within the shortest of the prefixes.
    static int compare(long left, long right, long mask) {
        long bits = Math.min(mask, Math.min(prefix(left), prefix(right)));
        return Long.compare(cut(left, bits), cut(right, bits));
    }

    /// The last text and its network: mostly that of the next row too where an argument is a constant.
    static final class Last {
        private String text = "";
        private long network = NONE;

        long of(String next) {
            if (!next.equals(text)) {
                network = parse(next);
                text = next;
            }
            return network;
        }
    }

    /// The networks of the last array.
    static final class LastRanges {
        private final StringKernels.LastTerms terms = new StringKernels.LastTerms();
        private List<String> texts = List.of();
        private long[] ranges = new long[0];

        void read(String array) {
            List<String> next = terms.of(array);
            if (next != texts) {
                ranges = next.stream().mapToLong(Ipv4::parse).filter(range -> range != NONE).toArray();
                texts = next;
            }
        }

        /// None of the texts is a network.
        boolean areNone() {
            return ranges.length == 0 && !texts.isEmpty();
        }

        boolean haveAny(long network) {
            for (long range : ranges) {
                if (compare(network, range, BITS) == 0) {
                    return true;
                }
            }
            return false;
        }
    }

    /// Whether a text holds one of some addresses between characters that are neither letters nor digits, or one that begins with one of some prefixes.
    static boolean isAnyIn(String source, List<String> sought, boolean isPrefix) {
        int at = 0;
        while (at < source.length()) {
            int end = isStart(source, at) ? endOfAddress(source, at) : at;
            if (end > at && parse(source, at, end) != NONE && isAnyAt(source, at, end, sought, isPrefix)) {
                return true;
            }
            at = Math.max(at + 1, end);
        }
        return false;
    }

    private static boolean isStart(String source, int at) {
        return isDigit(source, at) && (at == 0 || source.charAt(at - 1) != '.' && !isWord(source.codePointBefore(at)));
    }

    /// Behind four groups of up to three digits; where it begins if they are not there.
    private static int endOfAddress(String source, int start) {
        int at = start;
        for (int part = 0; part < PARTS; part++) {
            if (part > 0) {
                if (at == source.length() || source.charAt(at) != '.') {
                    return start;
                }
                at++;
            }
            int first = at;
            while (at - first < PART_DIGITS_MAX && isDigit(source, at)) {
                at++;
            }
            if (at == first) {
                return start;
            }
        }
        return at < source.length() && isWord(source.codePointAt(at)) ? start : at;
    }

    private static boolean isDigit(String source, int at) {
        return at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '9';
    }

    /// A letter or a number of whatever script.
    private static boolean isWord(int codePoint) {
        if (codePoint < 128) {
            return codePoint >= '0' && codePoint <= '9' || (codePoint | 0x20) >= 'a' && (codePoint | 0x20) <= 'z';
        }
        return Character.isLetter(codePoint) || switch (Character.getType(codePoint)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }

    private static boolean isAnyAt(String source, int start, int end, List<String> sought, boolean isPrefix) {
        for (String ip : sought) {
            // A prefix ends with a dot, or is a whole address.
            boolean mayGoOn = isPrefix && ip.endsWith(".");
            if ((mayGoOn ? ip.length() <= end - start : ip.length() == end - start) && source.startsWith(ip, start)) {
                return true;
            }
        }
        return false;
    }

    static Optional<String> format(String text, long mask, boolean withPrefix) {
        long network = parse(text);
        if (network == NONE) {
            OptionalLong number = ConversionKernels.readLong(text, 64);
            if (number.isPresent() && number.getAsLong() >= 0 && number.getAsLong() <= ADDRESS) {
                network = of(number.getAsLong(), BITS);
            }
        }
        if (network == NONE || mask < 0 || mask > BITS) {
            return Optional.empty();
        }
        long prefix = Math.min(mask, prefix(network));
        String dotted = dotted(cut(network, prefix));
        return Optional.of(withPrefix ? dotted + "/" + prefix : dotted);
    }

    static String dotted(long address) {
        return (address >> 24) + "." + (address >> 16 & 255) + "." + (address >> 8 & 255) + "." + (address & 255);
    }
}
