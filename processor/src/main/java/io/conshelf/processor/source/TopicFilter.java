package io.conshelf.processor.source;

import java.util.List;

/// A filter of topics, as a broker holds it against those of messages.
record TopicFilter(List<String> levels) {
    static TopicFilter of(String filter) {
        // $share/GROUP/FILTER
        String own = filter.startsWith("$share/") ? filter.replaceFirst("^\\$share/[^/]*/", "") : filter;
        return new TopicFilter(List.of(own.split("/", -1)));
    }

    boolean takes(String topic) {
        List<String> stated = List.of(topic.split("/", -1));
        // topics of the broker itself are asked for by name
        if (topic.startsWith("$") && !levels.getFirst().equals(stated.getFirst())) {
            return false;
        }
        for (int i = 0; i < levels.size(); i++) {
            if (levels.get(i).equals("#")) {
                return true;
            }
            if (i >= stated.size() || !levels.get(i).equals("+") && !levels.get(i).equals(stated.get(i))) {
                return false;
            }
        }
        return stated.size() == levels.size();
    }
}
