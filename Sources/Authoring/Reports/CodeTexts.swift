import Diagnostics

/// What each code of segment files means, for reports that explain rules apart from their findings. In the words of
/// docs/rules.md.
public enum CodeTexts {
  public struct Entry: Sendable {
    public var code: Diagnostic.Code
    public var problem: String
    public var remedy: String
  }

  public static let all: [Entry] = table.map { Entry(code: $0.0, problem: $0.1, remedy: $0.2) }

  private static let table: [(Diagnostic.Code, String, String)] = [
    (
      .y0, "The file cannot be read as YAML, or is not UTF-8",
      "look at the indentation and quotes around the place"
    ),
    (.y1, "A tab indents a line", "use two spaces"),
    (.y2, "A key stands twice in one map", "write two list items, each beginning with '- '"),
    (.y3, "'>' or '|' opens a block of text", "write thresholds in words: 'at least 3'"),
    (.y4, "'*' opens an alias", "quote the text, or write {ends: -sale}"),
    (.y5, "Anchors, aliases, merge keys and tags are not used", "name the part under 'let' and write $name"),
    (.y6, "no, yes, on and off are text here, booleans elsewhere", "quote the word; 'grandstand fmt' does"),
    (.y7, "A number begins with 0, which is octal elsewhere", "leave the zero out"),
    (.y8, "A date stands where text is expected", "quote it; 'grandstand fmt' does"),
    (.y9, "14:05 is a number to base 60 in YAML 1.1", "write 14h05m"),
    (.y10, "A colon and a space stand inside plain text", "quote the text"),
    (.y11, "'#' behind plain text begins a comment", "quote the text; a comment has a space behind '#'"),
    (.y12, "null and ~ are no values", "write {known: false}"),
    (.y13, "Something is empty: nobody is described", "write 'everyone', or drop it"),
    (.y14, "A limit of size, depth or number is passed", "split the segment"),
    (.n1, "An unknown key", "take the nearest known one"),
    (.n2, "An unknown field", "check the spelling; a project's own fields are called props.…"),
    (.n3, "No event of the store has this value", "check the spelling"),
    (.n4, "An unknown measure, or none", "take one of docs/rules.md, such as views or reads"),
    (.n5, "There is no such segment, list, user or run", "take the nearest name that there is"),
    (.n6, "Segments or definitions refer to each other in a circle", "cut one of the references"),
    (.n7, "$name is not defined", "define it under 'let'"),
    (.n8, "A parameter of a template is missing", "add it under 'make'"),
    (.n9, "A file name that is no id, or an id twice", "use a–z, 0–9 and '-'"),
    (.n10, "A name of 'let' that nothing uses", "use it, or drop it"),
    (.t1, "A number without a direction", "write 'at least 3' or 'exactly 3'"),
    (.t2, "A duration without a unit", "write 10s or 10m"),
    (.t3, "An unknown unit of time", "use s, m, h, d or w; months differ in length"),
    (.t4, "A share that is not in percent", "write 40%"),
    (.t5, "Not a number, threshold, weekday or list", "write it as the hint says"),
    (.t6, "A value that cannot be", "write 'none', or swap the ends"),
    (.t7, "A threshold that always holds", "write 'any', or drop it"),
    (.t8, "'at most' also takes users without any such event", "add 'views: any' if they should be left out"),
    (.t9, "More days than the window has", "take a longer window"),
    (.t10, "A measure counts events that 'where' leaves out", "use 'events'"),
    (.w1, "The condition does not say on which days", "add 'when: last 30d', or 'when: ever'"),
    (.w2, "The window is longer than the store keeps", "shorten it, or raise 'retention'"),
    (.w3, "A range from far to near", "swap the ends"),
    (.w4, "A count that its blocks cannot reach", "lower it"),
    (.w5, "Not a window, or not a date", "write dates like 2026-11-01"),
    (.w6, "The window begins after the as-of day, or before the store", "check the dates"),
    (.w7, "'ever' on a store whose old events were pruned", "write 'since DATE'"),
    (.w8, "A date that will outgrow the store", "take a window in days"),
    (.l1, "A count of conditions that can never hold", "lower it"),
    (.l2, "'not' is no key", "write 'none: […]', 'clicks: none' or {not: x}"),
    (.l3, "Two conditions that nobody can meet", "drop one"),
    (.l4, "Two kinds of condition in one item", "make two list items"),
    (.l5, "A sequence without a step before", "begin with an event, and have two steps"),
    (.l6, "'any' that every user meets", "drop it"),
    (.l7, "Another segment has the same rule", "drop one, or write 'segment: other'"),
    (.p1, "No purpose, or an unknown one", "write ads or analytics"),
    (.p2, "'none' of a segment of narrower consent", "check who is let in"),
    (.p3, "The segment has expired, or is under the minimum", "move 'expires', or remove the file"),
    (.x1, "A test of the file fails", "change the rule or the test"),
    (.x2, "The language has it, this version has not", "see docs/rules.md for what there is"),
    (.x3, "Withheld because a segment that it refers to is wrong", "mend that one"),
  ]
}
