package io.conshelf.kql.bind;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Rows that a query asks for beyond the tables of its cluster. What opens a place or a server is part of it, so it does not
/// print itself: it shows what it is and no more.
public sealed interface Outside {
    /// The database that plans say such rows are of.
    String DATABASE = "outside";

    /// As errors and plans call it: `externaldata`, or the name of a plugin.
    String name();

    /// The columns that the query declares; empty where whoever is asked tells them.
    Optional<List<ColumnSchema>> declared();

    /// `externaldata`: the rows of some files.
    ///
    /// @param places       the files, with what opens them
    /// @param format       empty where each file's name tells it
    /// @param ignoresFirst whether the first record of each file is left out
    /// @param mapping      which field goes to which column, as JSON text; empty where that goes by position or name
    record Files(List<ColumnSchema> columns, List<String> places, String format, boolean ignoresFirst, String mapping)
            implements Outside {
        public Files {
            columns = List.copyOf(columns);
            places = List.copyOf(places);
        }

        @Override
        public String name() {
            return "externaldata";
        }

        @Override
        public Optional<List<ColumnSchema>> declared() {
            return Optional.of(columns);
        }

        @Override
        public String toString() {
            return name() + "[" + places.size() + " files]";
        }
    }

    /// `inline_external_table`: the rows of the files below some places.
    ///
    /// @param properties of `with (…)`, by the names they are documented with
    record Folders(
            List<ColumnSchema> columns, List<String> places, String format, List<Partition> partitions, List<PathPart> path,
            Map<String, String> properties) implements Outside {
        public Folders {
            columns = List.copyOf(columns);
            places = List.copyOf(places);
            partitions = List.copyOf(partitions);
            path = List.copyOf(path);
            properties = Map.copyOf(properties);
        }

        @Override
        public String name() {
            return "inline_external_table";
        }

        /// Partitions that only the path has are columns too.
        @Override
        public Optional<List<ColumnSchema>> declared() {
            return Optional.of(Stream.concat(columns.stream(), partitions.stream()
                    .filter(partition -> partition.of().isEmpty())
                    .map(partition -> new ColumnSchema(partition.name(), partition.type()))).toList());
        }

        @Override
        public String toString() {
            return name() + "[" + places.size() + " places]";
        }
    }

    /// What files are put apart by.
    ///
    /// @param of empty where only the path has it
    record Partition(String name, Type type, Optional<Bucket> of) {}

    /// How a partition's value follows from a column's.
    ///
    /// @param function empty where it is the column's own
    /// @param number   of ticks of `bin`, of values of `hash`; else 0
    record Bucket(String column, String function, long number) {}

    /// A piece of the path that partitions make.
    ///
    /// @param text      empty where a partition stands
    /// @param partition its name; empty where a text stands
    /// @param pattern   of a partition's moment; empty where the usual one is meant
    record PathPart(String text, String partition, String pattern) {}

    /// A plugin that calls a server.
    ///
    /// @param name      the plugin's
    /// @param arguments in their places
    record Call(String name, List<Value> arguments, Optional<List<ColumnSchema>> declared) implements Outside {
        public Call {
            arguments = List.copyOf(arguments);
            declared = declared.map(List::copyOf);
        }

        /// The argument at a position; empty where there is none, or it is null.
        public String text(int position) {
            return position < arguments.size() ? arguments.get(position).text() : "";
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /// The value of an argument.
    ///
    /// @param text of a string itself, of a dynamic value as it is held; empty where it is null
    record Value(Type type, String text) {
        @Override
        public String toString() {
            return "Value[" + type + "]";
        }
    }
}
