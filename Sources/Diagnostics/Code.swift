extension Diagnostic {
  /// The codes of everything a user can mend. One list, literal, never reused; a test finds each in the docs.
  public enum Code: String, Sendable, CaseIterable, Comparable {
    // Segment files: the way of writing (YAML)
    case y0 = "Y0"  // not readable as YAML at all
    case y1 = "Y1"
    case y2 = "Y2"
    case y3 = "Y3"
    case y4 = "Y4"
    case y5 = "Y5"
    case y6 = "Y6"
    case y7 = "Y7"
    case y8 = "Y8"
    case y9 = "Y9"
    case y10 = "Y10"
    case y11 = "Y11"
    case y12 = "Y12"
    case y13 = "Y13"
    case y14 = "Y14"  // a limit: size, depth, number of conditions
    // Names
    case n1 = "N1"
    case n2 = "N2"
    case n3 = "N3"
    case n4 = "N4"
    case n5 = "N5"
    case n6 = "N6"
    case n7 = "N7"
    case n8 = "N8"
    case n9 = "N9"
    case n10 = "N10"
    // Thresholds and values
    case t1 = "T1"
    case t2 = "T2"
    case t3 = "T3"
    case t4 = "T4"
    case t5 = "T5"
    case t6 = "T6"
    case t7 = "T7"
    case t8 = "T8"
    case t9 = "T9"
    case t10 = "T10"
    // Windows
    case w1 = "W1"
    case w2 = "W2"
    case w3 = "W3"
    case w4 = "W4"
    case w5 = "W5"
    case w6 = "W6"
    case w7 = "W7"
    case w8 = "W8"
    // Logic
    case l1 = "L1"
    case l2 = "L2"
    case l3 = "L3"
    case l4 = "L4"
    case l5 = "L5"
    case l6 = "L6"
    case l7 = "L7"
    // Purpose
    case p1 = "P1"
    case p2 = "P2"
    case p3 = "P3"
    // Tests; what is not there yet; a segment withheld because of another
    case x1 = "X1"
    case x2 = "X2"
    case x3 = "X3"
    // The project: grandstand.yaml, the command line
    case c1 = "C1"  // configuration: unknown key, wrong type, missing key
    case c2 = "C2"  // configuration: a value that cannot be
    case c3 = "C3"  // command line: unknown command, option, or argument
    // Files and the machine
    case f1 = "F1"  // cannot be opened, read or written
    case f2 = "F2"  // disk full or a write failed
    case f3 = "F3"  // not what it should be: broken format
    // Ingest
    case i1 = "I1"  // too many rejected rows
    case i2 = "I2"  // no source takes this file
    case i3 = "I3"  // compressed data are broken or explode
    case i4 = "I4"  // nothing to read
    // The store
    case s1 = "S1"  // no store here, or one already
    case s2 = "S2"  // damaged file
    case s3 = "S3"  // newer format
    case s4 = "S4"  // another writer holds the lock
    case s5 = "S5"  // the store was made with other settings
    case s6 = "S6"  // no complete day to run on

    /// What a code is unless its finder says otherwise.
    public var severity: Severity {
      switch self {
      case .y6, .y8, .n3, .n10, .t7, .t8, .w6, .w8, .l6, .l7, .p2, .p3: .warning
      default: .error
      }
    }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }
}
