// The jq dialect of Data Processor: jq 1.7 as gojq reads it, with trailing commas in objects and a dot before a bracket.
parser grammar JqParser;
options { tokenVocab = JqLexer; }

program    : imports* definition* pipe? EOF ;
imports    : IMPORT text AS ( NAME | VARIABLE ) construct? SEMICOLON
           | INCLUDE text ( construct? SEMICOLON )?
           ;
definition : DEF word ( OPEN parameter ( SEMICOLON parameter )* CLOSE )? COLON pipe SEMICOLON ;
parameter  : word | VARIABLE ;

pipe       : definition pipe
           | comma ( PIPE pipe )?
           ;
comma      : alternate ( COMMA alternate )* ( COMMA definition pipe )? ;
alternate  : assign ( ( ALTERNATE | ALTERNATIVES ) alternate )? ;
assign     : or ( ASSIGN or )? ;
or         : and ( OR and )* ;
and        : compare ( AND compare )* ;
compare    : sum ( COMPARE sum )? ;
sum        : product ( ( PLUS | MINUS ) product )* ;
product    : operand ( TIMES operand )* ;
operand    : MINUS? term AS patterns PIPE pipe    # binding
           | LABEL VARIABLE PIPE pipe             # label
           | MINUS operand                        # negation
           | TRY operand ( CATCH operand )?       # attempt
           | term                                 # plain
           ;

term       : primary suffix* ;
suffix     : FIELD                                                   # fieldSuffix
           | DOT text                                                # textSuffix
           | DOT? BRACKET inside? END_BRACKET                        # bracketSuffix
           | MAYBE                                                   # maybeSuffix
           ;
inside     : pipe                                                    # index
           | pipe COLON pipe?                                        # sliceFrom
           | COLON pipe                                              # sliceTo
           ;
primary    : NUMBER                                                  # number
           | text                                                    # string
           | FORMAT text?                                            # format
           | RECURSE                                                 # recurse
           | FIELD                                                   # field
           | DOT text                                                # textField
           | DOT                                                     # identity
           | LOCATION                                                # location
           | VARIABLE                                                # variable
           | BREAK VARIABLE                                          # breaking
           | NAME ( OPEN pipe ( SEMICOLON pipe )* CLOSE )?           # call
           | OPEN pipe CLOSE                                         # group
           | BRACKET pipe? END_BRACKET                               # array
           | construct                                               # object
           | IF pipe THEN pipe ( ELIF pipe THEN pipe )* ( ELSE pipe )? END   # condition
           | REDUCE term AS patterns OPEN pipe SEMICOLON pipe CLOSE  # reduction
           | FOREACH term AS patterns OPEN pipe SEMICOLON pipe ( SEMICOLON pipe )? CLOSE # each
           ;

construct  : BRACE ( entry ( COMMA entry )* COMMA? )? END_BRACE ;
entry      : key ( COLON alternate ( PIPE alternate )* )? ;
key        : VARIABLE | LOCATION | NUMBER | word | FORMAT? text | OPEN pipe CLOSE ;

patterns   : pattern ( ALTERNATIVES pattern )* ;
pattern    : VARIABLE                                                # variablePattern
           | BRACKET pattern ( COMMA pattern )* END_BRACKET          # arrayPattern
           | BRACE entryPattern ( COMMA entryPattern )* COMMA? END_BRACE   # objectPattern
           ;
entryPattern : ( VARIABLE | word | text | OPEN pipe CLOSE ) ( COLON pattern )? ;

text       : QUOTE part* END_QUOTE ;
part       : PLAIN | ESCAPE | EMBED pipe CLOSE ;
word       : NAME | DEF | IF | THEN | ELIF | ELSE | END | AS | REDUCE | FOREACH | TRY | CATCH | LABEL | BREAK | IMPORT | INCLUDE | AND | OR ;
