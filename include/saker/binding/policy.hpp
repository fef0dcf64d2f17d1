#pragma once

#include <cstdint>

namespace saker::binding {

/// How the names of members are written. Reading takes each of them, whatever its case.
enum class naming : std::uint8_t {
  camel_case,   ///< `unit_price` is "unitPrice".
  pascal_case,  ///< "UnitPrice".
  verbatim,     ///< "unit_price".
};

/// How the values of enumerations that have `SAKER_ENUM` are written. Reading takes both.
enum class enum_form : std::uint8_t { number, name };

/// Chooses among the ways in which the same value can be written: a value, copied by whoever
/// writes. The defaults of each format are those of ASP.NET Core.
struct policy {
  naming members = naming::camel_case;
  enum_form enums = enum_form::number;

  bool operator==(const policy&) const = default;
};

/// System.Text.Json's: camelCase, numbers.
inline constexpr policy json_policy{naming::camel_case, enum_form::number};
/// MessagePack-CSharp's in SignalR: names as .NET's properties have them, enumerations by name.
inline constexpr policy messagepack_policy{naming::pascal_case, enum_form::name};

}  // namespace saker::binding
