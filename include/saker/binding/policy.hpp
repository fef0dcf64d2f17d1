#pragma once

#include <cstdint>

namespace saker::binding {

/// Says how member names are written. Reading accepts all of them, in any case.
enum class naming : std::uint8_t {
  camel_case,   ///< `unit_price` is "unitPrice".
  pascal_case,  ///< "UnitPrice".
  verbatim,     ///< "unit_price".
};

/// Says how enumeration values with `SAKER_ENUM` are written. Reading accepts both.
enum class enum_form : std::uint8_t { number, name };

/// Chooses how values are written. A value, copied by writers. Each format's defaults are those of
/// ASP.NET Core.
///
/// Example:
/// ```cpp
/// constexpr binding::policy pascal{.members = binding::naming::pascal_case};
/// const auto text = binding::to_json_text(uuid::random(), pascal);
/// ```
struct policy {
  naming members = naming::camel_case;
  enum_form enums = enum_form::number;

  bool operator==(const policy&) const = default;
};

/// System.Text.Json's defaults: camelCase, numbers.
inline constexpr policy json_policy{naming::camel_case, enum_form::number};
/// The defaults of MessagePack-CSharp in SignalR: names like .NET's properties, enumeration values
/// by name.
inline constexpr policy messagepack_policy{naming::pascal_case, enum_form::name};

}  // namespace saker::binding
