import YAML

/// A document on its way to canonical text: every value with the comments and blank lines around it.
struct Layout {
  /// A comment on a line of its own.
  struct CommentLine {
    var text: String
    /// A blank line stands before it.
    var blankBefore: Bool
  }

  /// A map's entry or a list's item.
  struct Piece {
    var before: [CommentLine] = []
    /// A blank line stands between `before` and it.
    var blankBefore = false
    /// Of entries.
    var key: String?
    var value = Value.scalar(ScalarText(text: "", style: .plain))
    /// The comment behind it, on its line.
    var trailing: String?
  }

  struct Collection {
    var isMap: Bool
    var isFlow: Bool
    var pieces: [Piece] = []
    /// Comments behind the last piece.
    var end: [CommentLine] = []
  }

  indirect enum Value {
    case scalar(ScalarText)
    case collection(Collection)
  }

  /// What stands above the first key and speaks of the whole file.
  var header: [CommentLine] = []
  var blankAfterHeader = false
  var root: Collection
}
