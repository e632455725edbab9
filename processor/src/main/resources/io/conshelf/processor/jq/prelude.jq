# Functions that need no more than the language itself.
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def select(f): if f then . else empty end;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);
def with_entries(f): to_entries | map(f) | from_entries;
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def del(f): delpaths([path(f)]);
def any: any(.[]; .);
def any(f): any(.[]; f);
def all: all(.[]; .);
def all(f): all(.[]; f);
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("Out of bounds negative array index") else first(skip($n; f)) end;
def isempty(f): first((f | false), true);
def in(x): . as $key | x | has($key);
def inside(x): . as $part | x | contains($part);
def combinations:
  if length == 0 then []
  else .[0][] as $head | (.[1:] | combinations) as $rest | [$head] + $rest end;
def combinations($n): . as $items | [range($n) | $items] | combinations;
def walk(f):
  def each: if type == "array" then map(each) elif type == "object" then map_values(each) else . end | f;
  each;
def env: $ENV;
def match($regex): match($regex; null);
def capture($regex): capture($regex; null);
def capture($regex; $flags): match($regex; $flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def scan($regex): scan($regex; null);
def scan($regex; $flags): match($regex; "g" + ($flags // "")) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def test($regex): test($regex; null);
def splits($regex): splits($regex; null);
def splits($regex; $flags): split($regex; $flags) | .[];
def ascii: [.] | implode;
def add(f): reduce f as $item (null; . + $item);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);
def IN(s): any(s == .; .);
def IN(source; s): any(source == s; .);
def pick(f): . as $whole | reduce path(f) as $place (null; setpath($place; $whole | getpath($place)));
def have_literal_numbers: true;
def have_decnum: false;
def abs: if type != "number" then error("\(type) (\(tojson)) has no absolute value") elif . < 0 then - . else . end;
def toarray: if type == "array" then . else [.] end;
def tostream: path(def each: if type == "array" or type == "object" then (.[] | each), . else . end; each) as $place
  | getpath($place)
  | reduce path(.[]?) as $inner ([$place, .]; [$place + $inner]);
def fromstream(f): foreach f as $event ({done: false, value: null};
    (if .done then {done: false, value: null} else . end)
    | ($event | length) as $size
    | if $size == 2
      then .done = ($event[0] | length == 0) | .value = (.value | setpath($event[0]; $event[1]))
      else .done = ($event[0] | length == 1) end;
    if .done then .value else empty end);
def truncate_stream(stream): . as $depth | stream | select(.[0] | length > $depth) | .[0] |= .[$depth:];
def debug: .;
def debug(f): .;
def stderr: .;
def input_line_number: 0;
def halt: error("halt is not available");
def halt_error: error;
def halt_error($code): error;
def get_search_list: [];
def input: error("No more inputs");
def inputs: empty;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: strptime("%Y-%m-%dT%H:%M:%S%z") | mktime;
def todateiso8601: todate;
def fromdateiso8601: fromdate;
def date: todate;
def dateadd(unit; $n): . + $n;
def datesub(unit; $n): . - $n;
def JOIN($index; key): [.[] | [., $index[key]]];
def JOIN($index; stream; key): stream | [., $index[key]];
def JOIN($index; stream; key; merge): stream | [., $index[key]] | merge;
def input_filename: null;
