/// The loops over rows: free functions over plain buffers, specialised by code width, without allocation but for their
/// result. Codes were checked against their dictionary at the store's door, so a lookup needs no check here.
enum ScanKernels {
  /// A byte a row out of a table of codes.
  @inline(__always)
  static func lookup<Code: FixedWidthInteger & UnsignedInteger>(_ codes: [Code], _ table: [UInt8]) -> [UInt8]
  {
    unsafe [UInt8](unsafeUninitializedCapacity: codes.count) { target, count in
      unsafe codes.withUnsafeBufferPointer { codes in
        unsafe table.withUnsafeBufferPointer { table in
          for row in 0..<codes.count { unsafe target[row] = table[Int(truncatingIfNeeded: codes[row])] }
        }
      }
      count = codes.count
    }
  }

  /// The rows whose byte is 1, and which are alive.
  static func select(_ mask: [UInt8], _ alive: [UInt8]?) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: mask.count) { target, count in
      var found = 0
      unsafe mask.withUnsafeBufferPointer { mask in
        // Written without a branch: a row is always stored, and kept by moving on.
        if let alive {
          unsafe alive.withUnsafeBufferPointer { alive in
            for row in 0..<mask.count {
              unsafe target[found] = UInt32(truncatingIfNeeded: row)
              unsafe found &+= Int(mask[row] & alive[row])
            }
          }
        } else {
          for row in 0..<mask.count {
            unsafe target[found] = UInt32(truncatingIfNeeded: row)
            unsafe found &+= Int(mask[row])
          }
        }
      }
      count = found
    }
  }

  /// The values at some rows.
  static func gather(_ values: [UInt32], _ rows: [UInt32]) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { target, count in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe rows.withUnsafeBufferPointer { rows in
          for index in 0..<rows.count { unsafe target[index] = values[Int(rows[index])] }
        }
      }
      count = rows.count
    }
  }

  /// Of some rows those whose code is in the table.
  @inline(__always)
  static func refine<Code: FixedWidthInteger & UnsignedInteger>(
    _ rows: [UInt32], _ codes: [Code], _ table: [UInt8]
  ) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { target, count in
      var found = 0
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe codes.withUnsafeBufferPointer { codes in
          unsafe table.withUnsafeBufferPointer { table in
            for index in 0..<rows.count {
              let row = unsafe rows[index]
              unsafe target[found] = row
              unsafe found &+= Int(table[Int(truncatingIfNeeded: codes[Int(row)])])
            }
          }
        }
      }
      count = found
    }
  }

  /// Of some rows those whose byte is 1.
  static func refine(_ rows: [UInt32], _ mask: [UInt8]) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: rows.count) { target, count in
      var found = 0
      unsafe rows.withUnsafeBufferPointer { rows in
        unsafe mask.withUnsafeBufferPointer { mask in
          for index in 0..<rows.count {
            let row = unsafe rows[index]
            unsafe target[found] = row
            unsafe found &+= Int(mask[Int(row)])
          }
        }
      }
      count = found
    }
  }

  /// 0 for the replaced rows.
  static func alive(_ count: Int, _ deleted: [UInt32]) -> [UInt8] {
    var alive = [UInt8](repeating: 1, count: count)
    for row in deleted { alive[Int(row)] = 0 }
    return alive
  }
}
