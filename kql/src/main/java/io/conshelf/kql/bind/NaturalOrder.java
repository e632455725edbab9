package io.conshelf.kql.bind;

import java.math.BigInteger;
import java.util.Comparator;

/// Texts with numbers in them by the numbers' values: `a2` before `a10` (`granny-asc`).
enum NaturalOrder implements Comparator<String> {
    INSTANCE;

    @Override
    public int compare(String left, String right) {
        int i = 0;
        int j = 0;
        while (i < left.length() && j < right.length()) {
            int iEnd = numberEnd(left, i);
            int jEnd = numberEnd(right, j);
            int order;
            if (iEnd > i && jEnd > j) {
                order = new BigInteger(left.substring(i, iEnd)).compareTo(new BigInteger(right.substring(j, jEnd)));
                i = iEnd;
                j = jEnd;
            } else {
                order = Character.compare(left.charAt(i++), right.charAt(j++));
            }
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.length() - i, right.length() - j);
    }

    private static int numberEnd(String text, int start) {
        int end = start;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        return end;
    }
}
