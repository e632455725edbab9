package io.conshelf.kql.bind;

import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Position;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Everything the binder can say, in one place. Texts follow the service where its text is known.
final class Messages {
    /// The service's code of semantic errors.
    static final String SEMANTIC = "SEM0100";
    /// The service's code of pattern references that have no case.
    static final String MISSING_PATTERNS = "SEM0036";
    /// Right KQL that cannot be run yet.
    static final String NOT_YET = "NYI0001";

    private static final Set<String> TEXT_SIGNS = Set.of("contains", "contains_cs", "endswith", "endswith_cs", "has", "has_cs", "hasprefix", "hasprefix_cs",
            "hassuffix", "hassuffix_cs", "matches regex", "startswith", "startswith_cs");

    private Messages() {}

    // ---------------------------------------------------------------- names

    static Diagnostic unresolvedScalar(Span at, String operator, String name) {
        return in(at, operator, "Failed to resolve column or scalar expression named '" + name + "'");
    }

    /// Tells also what may be meant: a column whose name differs in its letters' case, or the function of this name.
    static Diagnostic unresolvedScalar(Span at, String operator, String name, Columns columns) {
        Optional<String> meant = columns.list().stream().map(Column::name).filter(name::equalsIgnoreCase).findFirst();
        // The catalogue has operators too; the service's list of functions has none.
        boolean isFunction = Catalogue.scalar(name).isPresent() && Catalogue.isDocumentedScalar(name) || Catalogue.aggregate(name).isPresent();
        String hint = meant.map(other -> "; there is '" + other + "', and names are case-sensitive")
                .orElse(isFunction ? "; the function is called as " + name + "()" : "");
        return in(at, operator, "Failed to resolve column or scalar expression named '" + name + "'" + hint);
    }

    static Diagnostic unresolvedTable(Span at, String operator, String name) {
        return in(at, operator, "Failed to resolve table or column expression named '" + name + "'");
    }

    /// Of what a function such as `external_table()` names.
    static Diagnostic unresolvedEntity(Span at, String kind, String name) {
        return error(at, "Failed to resolve " + kind + " named '" + name + "'");
    }

    static Diagnostic unresolvedFuzzyTable(Span at, String name) {
        return Diagnostic.warning(SEMANTIC, "Failed to resolve entity '" + name + "'", at);
    }

    static Diagnostic viewLeftOut(Span at, String name, String message) {
        return Diagnostic.warning(SEMANTIC, "The view '" + name + "' is left out: " + message, at);
    }

    static Diagnostic nothingResolved(Span at) {
        return in(at, "union", "Failed to resolve any of the tables: isfuzzy leaves out those that are not there, one at least has to be");
    }

    static Diagnostic unknownFunction(Span at, String name) {
        return error(at, "Unknown function: '" + name + "'");
    }

    static Diagnostic unknownDatabase(Span at, String name) {
        return error(at, "Failed to resolve database named '" + name + "'");
    }

    static Diagnostic notInGroup(Span at, String group, int missing, int all) {
        return error(at, unresolvedOfGroup(group, missing, all));
    }

    static Diagnostic leftOutOfGroup(Span at, String group, int missing, int all) {
        return Diagnostic.warning(SEMANTIC, unresolvedOfGroup(group, missing, all), at);
    }

    private static String unresolvedOfGroup(String group, int missing, int all) {
        return "Failed to resolve " + missing + " of " + all + (all == 1 ? " entity" : " entities") + " of the entity group '" + group + "'";
    }

    static Diagnostic databasesOfKeptQuery(Span at, String name) {
        return error(at, "database('" + name + "') has a star: a query that is kept, such as that of a policy, a materialized view or a continuous "
                + "export, would read other databases whenever one is made or dropped. Name each database");
    }

    static Diagnostic unknownCluster(Span at, String name) {
        return error(at, "Failed to resolve cluster named '" + name + "': only the cluster the query runs on can be read");
    }

    static Diagnostic unknownType(Span at, String name) {
        return error(at, "'" + name + "' is not the name of a type");
    }

    static Diagnostic scalarParameter(Span at, String name) {
        return error(at, "The query parameter '" + name + "' must have a scalar type such as string or long, found a table");
    }

    static Diagnostic columnTwice(Span at, String operator, String name) {
        return in(at, operator, "A column named '" + name + "' is already declared");
    }

    static Diagnostic nameTwice(Span at, String name) {
        return error(at, "A variable named '" + name + "' is already declared");
    }

    static Diagnostic emptyName(Span at) {
        return error(at, "A name cannot be empty");
    }

    static Diagnostic columnNameExpected(Span at, String operator) {
        return in(at, operator, "A column name is expected here, not an expression");
    }

    static Diagnostic renameExpected(Span at) {
        return in(at, "project-rename", "'newName = column' is expected here");
    }

    // ---------------------------------------------------------------- types

    static Diagnostic typeExpected(Span at, String operator, String wanted, Type got) {
        return in(at, operator, "A value of type " + wanted + " is expected here, not " + got);
    }

    /// Of a name and a value where SQL would compare them.
    static Diagnostic comparisonExpected(Span at, String operator, Type got) {
        return in(at, operator, "A value of type bool is expected here, not " + got + "; '==' compares, '=' names a value");
    }

    static Diagnostic oneTypeExpected(Span at, String operator) {
        return in(at, operator, "'typeof' names one type here, such as typeof(long), not columns");
    }

    static Diagnostic notAllowedType(Span at, String operator, Type type) {
        return in(at, operator, "A value of type '" + type + "' is not allowed here; convert it with tostring() or the like");
    }

    static Diagnostic noSuchOperator(Span at, String operator, String sign, List<Type> types) {
        return in(at, operator, "Operator '" + sign + "' is not defined for the types "
                + types.stream().map(Type::toString).collect(Collectors.joining(" and ")) + instead(sign, types));
    }

    /// What does for texts what is meant: '+' joins them in other languages, and words are looked for in texts only.
    private static String instead(String sign, List<Type> types) {
        if (sign.equals("+") && types.contains(Type.STRING)) {
            return "; strcat() joins texts";
        }
        boolean looksIntoText = TEXT_SIGNS.contains(sign.startsWith("!") ? sign.substring(1) : sign);
        return looksIntoText && types.size() == 2 && types.getLast() == Type.STRING ? "; tostring() makes a text of a value" : "";
    }

    static Diagnostic noIndex(Span at, Type type) {
        return error(at, "A value of type " + type + " has no parts; only dynamic values have");
    }

    static Diagnostic constantExpected(Span at, String what) {
        return error(at, what + " must be a constant");
    }

    static Diagnostic severalExpected(Span at, String operator) {
        return in(at, operator, "Several names need an expression that makes several columns");
    }

    static Diagnostic nothingToName(Span at, String operator, int columns) {
        return in(at, operator, "The expression makes " + columns + " columns only, so there is none for this name");
    }

    static Diagnostic literalExpected(Span at, String operator, String type) {
        return in(at, operator, "A literal of type " + type + " is expected here");
    }

    static Diagnostic integerExpected(Span at, String operator) {
        return in(at, operator, "A constant integer is expected here");
    }

    static Diagnostic negativeCount(Span at, String operator) {
        return in(at, operator, "The number of rows cannot be negative");
    }

    static Diagnostic zeroStep(Span at, String operator) {
        return in(at, operator, "The step cannot be zero");
    }

    static Diagnostic tooManyBins(Span at, long max) {
        return in(at, "make-series", "The step makes more than " + max + " bins between the ends");
    }

    static Diagnostic percentageExpected(Span at, String function) {
        return error(at, function + "(): A percentage between 0 and 100 is expected here");
    }

    static Diagnostic scalarExpected(Span at) {
        return error(at, "A scalar value is expected here, not a table");
    }

    static Diagnostic tableExpected(Span at) {
        return error(at, "A table is expected here, not a scalar value");
    }

    static Diagnostic graphTableWithoutName(Span at, String kind) {
        return in(at, "graph-to-table", "each of several tables has a name, as in '" + kind + " as Name'");
    }

    static Diagnostic graphExpected(Span at, String operator) {
        return in(at, operator, "a graph is expected here; make-graph makes one");
    }

    static Diagnostic starNotAllowed(Span at) {
        return error(at, "'*' cannot stand here");
    }

    // ---------------------------------------------------------------- functions

    static Diagnostic wrongArgumentCount(Span at, String function, String wanted, int got) {
        return error(at, function + "(): " + wanted + " expected, found " + got);
    }

    static Diagnostic wrongArgument(Span at, String function, String parameter, String wanted, Type got) {
        return error(at, function + "(): argument '" + parameter + "' must be " + wanted + ", found " + got);
    }

    /// @param which of them the other is
    static Diagnostic unlikeTypes(Span at, String function, Type first, String which, Type other) {
        return error(at, function + "(): the values must have one type; the first is " + first + ", " + which + " is " + other + ". Convert one, as with "
                + (first.isNumeric() && other.isNumeric() ? "toreal()" : "tostring()"));
    }

    static Diagnostic wrongValue(Span at, String function, int position, String wanted) {
        return error(at, function + "(): argument " + position + " must be " + wanted);
    }

    static Diagnostic constantArgument(Span at, String function, String parameter) {
        return error(at, function + "(): argument '" + parameter + "' must be a constant");
    }

    static Diagnostic unknownParameter(Span at, String function, String parameter) {
        return error(at, function + "(): there is no parameter named '" + parameter + "'");
    }

    static Diagnostic missingArgument(Span at, String function, String parameter) {
        return error(at, function + "(): the argument '" + parameter + "' is missing");
    }

    static Diagnostic missingColumns(Span at, String function, String columns) {
        return error(at, function + "(): the table given lacks " + columns);
    }

    static Diagnostic aggregateNotAllowed(Span at, String name) {
        return error(at, "Aggregate function '" + name + "' cannot be called here; use it in summarize");
    }

    static Diagnostic notAggregated(Span at, String name) {
        return in(at, "summarize", "'" + name + "' is neither a group key nor inside an aggregate function");
    }

    static Diagnostic notSerialized(Span at, String name) {
        return error(at, "Function '" + name
                + "' cannot be invoked here: the row set must be serialized (sort or serialize it first)");
    }

    static Diagnostic tooDeep(Span at, String name) {
        return error(at, "Function '" + name + "' is nested too deeply; functions cannot call themselves");
    }

    static Diagnostic failedInside(Span at, String name, String message) {
        return error(at, "In function '" + name + "': " + message);
    }

    static Diagnostic noPattern(Span at, List<String> references) {
        return Diagnostic.error(MISSING_PATTERNS, "One or more pattern references were not declared. Detected pattern references: "
                + references.stream().map(reference -> '"' + reference.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
                        .collect(Collectors.joining(",", "[", "]")), at);
    }

    static Diagnostic requiredAfterDefault(Span at, String name) {
        return error(at, "Parameter '" + name + "' has no default but follows one that has");
    }

    static Diagnostic tableAfterScalar(Span at, String name) {
        return error(at, "Parameter '" + name + "' is a table; tables come before the other parameters");
    }

    // ---------------------------------------------------------------- operators and statements

    static Diagnostic sourceExpected(Span at) {
        return error(at, "The operator needs rows to work on; it cannot be the first in a query");
    }

    static Diagnostic mustBeFirst(Span at, String operator) {
        return in(at, operator, "the operator makes rows of its own, so it can only be the first in a query");
    }

    static Diagnostic twoSources(Span at, String operator) {
        return in(at, operator, "rows come in already, so no tables can be named with 'in'; leave out the one or the other");
    }

    static Diagnostic noQuery(Span at) {
        return error(at, "No tabular expression statement found");
    }

    static Diagnostic notInBranch(Span at, String operator) {
        return in(at, "fork", "'" + operator + "' cannot stand in a branch; it can come before the fork, or in a query of its own");
    }

    static Diagnostic joinKeysMissing(Span at) {
        return in(at, "join", "'on' with the columns to join by is missing");
    }

    static Diagnostic dynamicNode(Span at) {
        return in(at, "make-graph", "what a node is known by cannot be dynamic; convert it with tostring() or the like");
    }

    static Diagnostic joinColumn(Span at, String operator, String name) {
        return in(at, operator, "column '" + name + "' must be on both sides");
    }

    static Diagnostic joinCondition(Span at, String operator) {
        return in(at, operator, "a condition must be a column of both sides or '$left.<column> == $right.<column>'");
    }

    static Diagnostic joinSide(Span at, String operator, String side) {
        return in(at, operator, "this operand must be " + side + ".<column>");
    }

    static Diagnostic joinTypes(Span at, String operator, String left, Type leftType, String right, Type rightType) {
        return in(at, operator, "$left." + left + " is " + leftType + " but $right." + right + " is "
                + rightType + "; keys must have one type");
    }

    static Diagnostic columnAfterColumn(Span at, String operator, String name) {
        return in(at, operator, "column '" + name + "' must follow a string; nothing tells where the column before it ends");
    }

    static Diagnostic skipAfterText(Span at, String operator) {
        return in(at, operator, "'*' cannot follow a string column; nothing tells where the column ends");
    }

    static Diagnostic skipBeforeColumn(Span at, String operator) {
        return in(at, operator, "a string must follow '*'; nothing tells where it ends");
    }

    static Diagnostic noShuffleKey(Span at, String operator) {
        return in(at, operator, "there is no hint.shufflekey here; the right side is sent to where the left one is");
    }

    static Diagnostic flagsWithoutRegex(Span at, String operator) {
        return in(at, operator, "flags are for kind=regex only");
    }

    static Diagnostic emptyPatternText(Span at, String operator) {
        return in(at, operator, "a string of the pattern cannot be empty");
    }

    static Diagnostic badRegex(Span at, String reason) {
        return error(at, "The regular expression cannot be read: " + reason);
    }

    static Diagnostic axisType(Span at, Type type) {
        return in(at, "make-series", "the axis is a " + type + "; it must be a number, datetime or timespan");
    }

    static Diagnostic disabledPlugin(Span at, String name) {
        return in(at, "evaluate", "the plugin '" + name + "' is disabled; an administrator can '.enable plugin " + name + "'");
    }

    static Diagnostic unknownPlugin(Span at, String name) {
        return in(at, "evaluate", "there is no plugin named '" + name + "'");
    }

    static Diagnostic wrongValueCount(Span at, int columns) {
        return in(at, "datatable", "the number of values is no multiple of the " + columns + " columns");
    }

    static Diagnostic missingParameter(Span at, String name) {
        return error(at, "No value was given for query parameter '" + name + "'");
    }

    static Diagnostic badParameter(Span at, String name, Type type) {
        return error(at, "The value given for query parameter '" + name + "' is no " + type);
    }

    static Diagnostic unknownWord(Span at, String operator, String parameter, String word, List<String> known) {
        return in(at, operator, parameter + " '" + word + "' is not known; it is one of: " + String.join(", ", known));
    }

    static Diagnostic parameterTwice(Span at, String operator, String name) {
        return in(at, operator, "the parameter '" + name + "' is given twice");
    }

    static Diagnostic charactersExpected(Span at, String operator, String name, int max) {
        return in(at, operator, "the parameter '" + name + "' is " + (max == 1 ? "one character" : "one or two characters"));
    }

    static Diagnostic optionForbids(Span at, String construct, String option) {
        return error(at, "'" + construct + "' is not allowed by the request option '" + option + "'");
    }

    static Diagnostic partitionExpected(Span at) {
        return in(at, "inline_external_table", "a partition is a string column, bin(column, timespan), startofday(column), startofweek, "
                + "startofmonth or startofyear of a datetime column, or hash(column, number) of a string column");
    }

    static Diagnostic partitionType(Span at, String name, Type needed, Type found) {
        return in(at, "inline_external_table", "the partition '" + name + "' has values of the type " + needed + ", it is declared as " + found);
    }

    static Diagnostic badPath(Span at, String problem) {
        return in(at, "inline_external_table", "pathformat: " + problem);
    }

    static Diagnostic schemaDiffers(Span at, String expected, String found) {
        return in(at, "assert-schema", "expected " + expected + ", found " + found);
    }

    static Diagnostic outputDiffers(Span at, String plugin, String made, String declared) {
        return in(at, "evaluate", "plugin '" + plugin + "' makes (" + made + "), which is not the declared (" + declared + ")");
    }

    static Diagnostic restricted(Span at, String name) {
        return error(at, "Access to '" + name + "' is not allowed by 'restrict access'");
    }

    static Diagnostic blocked(Span at, String name, String option) {
        return error(at, "Access to '" + name + "' is blocked by '" + option + "': it has a row-level security policy");
    }

    static Diagnostic tooLarge(Span at) {
        return error(at, "The query is too large once its functions and variables are written out");
    }

    // ---------------------------------------------------------------- refusals

    static Diagnostic notYet(Span at, String text, String construct) {
        Position position = at.position(text);
        return Diagnostic.error(NOT_YET, "'" + construct + "' is not supported yet (line " + position.line()
                + ", column " + position.column() + ")", at);
    }

    private static Diagnostic in(Span at, String operator, String message) {
        return error(at, operator.isEmpty() ? message : "'" + operator + "' operator: " + message);
    }

    static Diagnostic error(Span at, String message) {
        return Diagnostic.error(SEMANTIC, message, at);
    }
}
