package io.conshelf.streams.expression;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A pattern of REGEXMATCH: ECMAScript's, whatever the case.
///
/// What a linear engine can match is left to it. Only what looks around or back goes to one that tries ways one after another, and it may take no more steps
/// than a bound: values come from outside.
sealed interface RegularPattern {
    /// Where the first match begins, from 0; -1 for nowhere.
    int firstIn(String text);

    /// A pattern that is none matches nothing.
    static RegularPattern of(String pattern) {
        try {
            return new Linear(com.google.re2j.Pattern.compile(pattern, com.google.re2j.Pattern.CASE_INSENSITIVE));
        } catch (com.google.re2j.PatternSyntaxException beyondIt) {
            try {
                return new Backtracking(Pattern.compile(pattern, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE));
            } catch (PatternSyntaxException wrong) {
                return new Nothing();
            }
        }
    }

    record Linear(com.google.re2j.Pattern pattern) implements RegularPattern {
        @Override
        public int firstIn(String text) {
            com.google.re2j.Matcher matcher = pattern.matcher(text);
            return matcher.find() ? matcher.start() : -1;
        }
    }

    record Backtracking(Pattern pattern) implements RegularPattern {
        private static final long STEPS_MAX = 10_000_000;

        @Override
        public int firstIn(String text) {
            try {
                var matcher = pattern.matcher(new Counted(text, new long[1]));
                return matcher.find() ? matcher.start() : -1;
            } catch (StackOverflowError tooDeep) {
                throw new ValueFault("The pattern of function regexmatch nests too deep for a text of " + text.length() + " characters.");
            }
        }

        /// A text that counts how often it is read.
        private record Counted(String text, long[] steps) implements CharSequence {
            @Override
            public char charAt(int index) {
                if (++steps[0] > STEPS_MAX) {
                    throw new ValueFault("The pattern of function regexmatch takes more than " + STEPS_MAX + " steps over a text of "
                            + text.length() + " characters.");
                }
                return text.charAt(index);
            }

            @Override
            public int length() {
                return text.length();
            }

            @Override
            public CharSequence subSequence(int start, int end) {
                return text.subSequence(start, end);
            }

            @Override
            public String toString() {
                return text;
            }
        }
    }

    record Nothing() implements RegularPattern {
        @Override
        public int firstIn(String text) {
            return -1;
        }
    }

    /// The pattern used last.
    final class Lately {
        private String text = "";
        private RegularPattern pattern = RegularPattern.of("");

        RegularPattern of(String wanted) {
            if (!wanted.equals(text)) {
                pattern = RegularPattern.of(wanted);
                text = wanted;
            }
            return pattern;
        }
    }
}
