// The query language of Stream Analytics. Which functions there are, what windows look like and what belongs where is decided when names are bound.
parser grammar StreamParser;
options { tokenVocab = StreamLexer; }

script       : ( createTable SEMICOLON* )* with? query SEMICOLON* ( query SEMICOLON* )* EOF ;

createTable  : CREATE TABLE name PAREN column ( COMMA column )* END_PAREN ;
column       : name type ;
type         : name ( PAREN ( name | INTEGER ) END_PAREN )? ;

with         : WITH step ( COMMA step )* SEMICOLON* ;
step         : name AS PAREN query END_PAREN ;

query        : united ( UNION ALL? united )* ;
united        : select | PAREN query END_PAREN ;

// a comma before FROM is in published queries
select       : SELECT quantifier? item ( COMMA item )* trailing=COMMA? ( INTO name )?
               FROM from
               ( WHERE expression )?
               ( GROUP BY expression ( COMMA expression )* )?
               ( HAVING expression )?
               ( ORDER BY ordering ( COMMA ordering )* )? ;

// refused, by name
quantifier   : DISTINCT | TOP ( INTEGER | PAREN expression END_PAREN ) ;

// `name = expression` reads as a comparison, and means a name
item         : STAR                                    # all
             | name ( DOT part )* DOT STAR             # allOf
             | expression ( AS anyAlias | alias )?     # computed
             ;

from         : ( PAREN from END_PAREN | source ) relation* ;
source       : ( name | subquery ) ( AS? sourceAlias )? clause* ;
subquery     : PAREN ( query | from ) END_PAREN ;
clause       : TIMESTAMP BY expression ( OVER expression ( COMMA expression )* )?  # timestampBy
             | PARTITION BY expression ( COMMA expression )* ( INTO INTEGER )?     # partitionBy
             ;

relation     : ( INNER | ( LEFT | RIGHT | FULL ) OUTER? )? JOIN source ON expression  # join
             | CROSS JOIN source                                                     # crossJoin
             | ( CROSS | OUTER ) APPLY call AS? sourceAlias                          # apply
             | COMMA source                                                          # comma
             | matchRecognize                                                        # match
             ;

matchRecognize : MATCH_RECOGNIZE PAREN matchClause* END_PAREN ( AS? sourceAlias )? ;
matchClause  : LIMIT DURATION PAREN expression COMMA expression END_PAREN     # limit
             | PARTITION BY expression ( COMMA expression )*                  # matchPartition
             | MEASURES measure ( COMMA measure )*                            # measures
             | AFTER MATCH SKIP_ TO NEXT ROW                                  # skipToNext
             | PATTERN PAREN pattern END_PAREN                                # patternClause
             | DEFINE definition ( COMMA definition )*                        # define
             ;
measure      : expression AS anyAlias ;
definition   : name AS expression ;
pattern      : sequence ( PIPE sequence )* ;
sequence     : repeated+ ;
repeated     : unit ( STAR | PLUS | QUESTION | BRACE INTEGER ( COMMA INTEGER? )? END_BRACE )? ;
unit         : name | DOT | PAREN pattern END_PAREN ;

expression   : conjunction ( OR conjunction )* ;
conjunction  : negation ( AND negation )* ;
negation     : NOT* predicate ;
predicate    : additive test* ;
test         : comparison additive                                     # compare
             | NOT? LIKE additive                                      # like
             | NOT? BETWEEN additive AND additive                      # between
             | NOT? IN PAREN expression ( COMMA expression )* END_PAREN # in
             | IS NOT? NULL                                            # isNull
             ;
comparison   : EQUAL | NOT_EQUAL | LESS | LESS_OR_EQUAL | GREATER | GREATER_OR_EQUAL ;
additive     : multiplicative ( ( PLUS | MINUS | AMPERSAND | PIPE | CARET ) multiplicative )* ;
multiplicative : unary ( ( STAR | SLASH | PERCENT ) unary )* ;
unary        : ( PLUS | MINUS | TILDE )* value ;
value        : atom ( DOT part )* ;
part         : anyName | BRACKETED | DOUBLE_QUOTED ;

atom         : literal                                                                        # constant
             | PAREN expression END_PAREN                                                     # parenthesised
             | CASE expression? ( WHEN expression THEN expression )+ ( ELSE expression )? END # case
             | ( CAST | TRY_CAST ) PAREN expression AS type END_PAREN                         # cast
             | call                                                                           # called
             | name                                                                           # named
             ;
literal      : INTEGER | DECIMAL | STRING | NULL ;

call         : callName PAREN arguments? END_PAREN over? ;
callName     : ( name | LEFT | RIGHT ) ( DOT anyName )* ;
arguments    : ( ALL | DISTINCT )? argument ( COMMA argument )* ;
argument     : STAR | expression ;

over         : OVER PAREN overPart* END_PAREN ;
overPart     : PARTITION BY expression ( COMMA expression )*               # overPartition
             | ORDER BY ordering ( COMMA ordering )*                       # overOrder
             | LIMIT DURATION PAREN expression COMMA expression END_PAREN  # overLimit
             | WHEN expression                                             # overWhen
             ;
ordering     : expression ( ASC | DESC )? ;

// words that are no names unless they are quoted, follow a dot or follow AS
reserved     : SELECT | INTO | FROM | WHERE | GROUP | HAVING | ORDER | UNION | WITH | AS | BY | OVER | ON | JOIN | INNER | LEFT | RIGHT | FULL
             | OUTER | CROSS | APPLY | AND | OR | NOT | IN | IS | LIKE | BETWEEN | NULL | CASE | WHEN | THEN | ELSE | END ;
word         : IDENTIFIER | ALL | DISTINCT | TOP | ASC | DESC | CAST | TRY_CAST | CREATE | TABLE | TIMESTAMP | PARTITION | LIMIT | DURATION
             | MATCH_RECOGNIZE | MEASURES | PATTERN | DEFINE | AFTER | MATCH | SKIP_ | TO | NEXT | ROW ;
name         : word | BRACKETED | DOUBLE_QUOTED ;
anyName      : word | reserved ;
alias        : name | STRING ;
anyAlias     : anyName | BRACKETED | DOUBLE_QUOTED | STRING ;
sourceAlias  : name ;
