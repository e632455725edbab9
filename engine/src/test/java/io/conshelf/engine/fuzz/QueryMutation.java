package io.conshelf.engine.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Queries that were right once: words are exchanged with those of other queries, left out, doubled, and operators put behind
/// operators of other queries.
final class QueryMutation {
    private static final Pattern WORD = Pattern.compile("[\\w$]+|'[^']*'|\"[^\"]*\"|\\s+|.", Pattern.DOTALL);

    /// Numbers as long as this make queries that are right to take their time.
    private static final int DIGITS_MAX = 5;

    private final Random random;
    private final List<List<String>> queries;

    QueryMutation(Random random, List<String> queries) {
        this.random = random;
        this.queries = queries.stream().map(query -> WORD.matcher(query).results().map(MatchResult::group).toList()).toList();
    }

    String query() {
        List<String> words = new ArrayList<>(any());
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes && !words.isEmpty(); i++) {
            change(words);
        }
        return String.join("", words);
    }

    private List<String> any() {
        return queries.get(random.nextInt(queries.size()));
    }

    private void change(List<String> words) {
        int at = random.nextInt(words.size());
        List<String> other = any();
        String word = other.get(random.nextInt(other.size()));
        switch (random.nextInt(5)) {
            case 0 -> words.remove(at);
            case 1 -> words.add(at, words.get(at));
            case 2 -> {
                int pipe = other.indexOf("|");
                if (pipe >= 0) {
                    words.add(" ");
                    words.addAll(other.subList(pipe, other.size()));
                }
            }
            default -> {
                if (!(Character.isDigit(word.charAt(0)) && word.length() > DIGITS_MAX)) {
                    words.set(at, word);
                }
            }
        }
    }
}
