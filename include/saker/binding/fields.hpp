#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>

#include <saker/binding/policy.hpp>

namespace saker::binding {

/// Stands for a type, so that argument-dependent lookup finds the functions that list its contents.
///
/// Example:
/// ```cpp
/// struct order {
///   int id = 0;
///   double price = 0;
/// };
/// constexpr auto saker_fields(saker::binding::type_tag<order>) {
///   using saker::binding::field;
///   return std::tuple(field("id", &order::id).required(), field("price", &order::price));
/// }
/// ```
template <class T>
struct type_tag {};

/// Holds a name in each of its three spellings, created at compile time.
template <std::size_t Size>
class spelled_name {
 public:
  // From a literal. NOLINTNEXTLINE(cppcoreguidelines-avoid-c-arrays)
  constexpr explicit spelled_name(const char (&name)[Size + 1]) noexcept {
    bool capital = false;
    for (std::size_t i = 0; i < Size; ++i) {
      verbatim_[i] = name[i];
      // Leading underscores stay, as in .NET.
      if (name[i] == '_' && short_size_ != 0) {
        capital = true;
        continue;
      }
      const char c = capital ? upper(name[i]) : name[i];
      pascal_[short_size_] = short_size_ == 0 ? upper(c) : c;
      camel_[short_size_] = c;
      ++short_size_;
      capital = false;
    }
    // As .NET does: `URLValue` becomes "urlValue", `ID` becomes "id".
    for (std::size_t i = 0; i < short_size_ && is_upper(camel_[i]); ++i) {
      if (i != 0 && i + 1 < short_size_ && !is_upper(camel_[i + 1])) break;
      camel_[i] = lower(camel_[i]);
    }
  }

  constexpr std::string_view as(naming how) const noexcept {
    switch (how) {
      case naming::camel_case: return {camel_.data(), short_size_};
      case naming::pascal_case: return {pascal_.data(), short_size_};
      case naming::verbatim: break;
    }
    return {verbatim_.data(), Size};
  }

 private:
  static constexpr bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
  static constexpr char upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  static constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }

  std::size_t short_size_ = 0;
  std::array<char, Size + 1> verbatim_{};
  std::array<char, Size + 1> camel_{};
  std::array<char, Size + 1> pascal_{};
};

/// Holds a member and its name.
template <class Class, class Member, std::size_t Size>
class field_of {
 public:
  using member_type = Member;

  constexpr field_of(spelled_name<Size> name, Member Class::* member) noexcept
      : name_(name), member_(member) {}

  /// Makes reading fail if the member is missing; otherwise a missing member keeps its initial
  /// value.
  constexpr field_of required() const noexcept {
    auto changed = *this;
    changed.required_ = true;
    return changed;
  }

  constexpr std::string_view name(naming how) const noexcept { return name_.as(how); }
  constexpr bool is_required() const noexcept { return required_; }
  constexpr auto member() const noexcept { return member_; }

 private:
  spelled_name<Size> name_;
  Member Class::* member_;
  bool required_ = false;
};

/// Describes a member for `saker_fields`, with the name that it has in the formats.
template <class Class, class Member, std::size_t Size>
// NOLINTNEXTLINE(cppcoreguidelines-avoid-c-arrays)
constexpr auto field(const char (&name)[Size], Member Class::* member) noexcept {
  return field_of<Class, Member, Size - 1>(spelled_name<Size - 1>(name), member);
}

/// Holds a value of an enumeration and its name.
template <class Enum, std::size_t Size>
struct enumerator_of {
  spelled_name<Size> name;
  Enum value;
};

template <class Enum, std::size_t Size>
// NOLINTNEXTLINE(cppcoreguidelines-avoid-c-arrays)
constexpr auto enumerator(const char (&name)[Size], Enum value) noexcept {
  return enumerator_of<Enum, Size - 1>{spelled_name<Size - 1>(name), value};
}

/// Returns whether two names are equal except for case and underscores.
constexpr bool same_name(std::string_view left, std::string_view right) noexcept {
  const auto next = [](std::string_view& text) -> char {
    while (text.starts_with('_')) text.remove_prefix(1);
    if (text.empty()) return '\0';
    const char c = text.front();
    text.remove_prefix(1);
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  for (;;) {
    const char a = next(left);
    if (a != next(right)) return false;
    if (a == '\0') return true;
  }
}

}  // namespace saker::binding

// NOLINTBEGIN(cppcoreguidelines-macro-usage)

#define SAKER_DETAIL_EXPAND(...) \
  SAKER_DETAIL_EXPAND_3(         \
      SAKER_DETAIL_EXPAND_3(SAKER_DETAIL_EXPAND_3(SAKER_DETAIL_EXPAND_3(__VA_ARGS__))))
#define SAKER_DETAIL_EXPAND_3(...) \
  SAKER_DETAIL_EXPAND_2(           \
      SAKER_DETAIL_EXPAND_2(SAKER_DETAIL_EXPAND_2(SAKER_DETAIL_EXPAND_2(__VA_ARGS__))))
#define SAKER_DETAIL_EXPAND_2(...) \
  SAKER_DETAIL_EXPAND_1(           \
      SAKER_DETAIL_EXPAND_1(SAKER_DETAIL_EXPAND_1(SAKER_DETAIL_EXPAND_1(__VA_ARGS__))))
#define SAKER_DETAIL_EXPAND_1(...) __VA_ARGS__
#define SAKER_DETAIL_AGAIN() SAKER_DETAIL_EACH
#define SAKER_DETAIL_PARENTHESES ()
#define SAKER_DETAIL_EACH(make, type, first, ...) \
  make(type, first)                               \
      __VA_OPT__(, SAKER_DETAIL_AGAIN SAKER_DETAIL_PARENTHESES(make, type, __VA_ARGS__))
#define SAKER_DETAIL_FIELD(type, name) ::saker::binding::field(#name, &type::name)
#define SAKER_DETAIL_ENUMERATOR(type, name) ::saker::binding::enumerator(#name, type::name)

/// Lists the members of a type to read and write; use it in the type's own namespace:
///
///     struct order {
///       int id = 0;
///       double unit_price = 0;
///     };
///     SAKER_FIELDS(order, id, unit_price)   // JSON: {"id":1,"unitPrice":2.5}
///
/// Names follow the format's policy; reading ignores case and underscores. Missing members keep
/// their initial values, unknown ones are ignored. For private members write `friend` before it,
/// within the class. For required members, write the function that the macro creates:
///
///     constexpr auto saker_fields(saker::binding::type_tag<order>) {
///       using saker::binding::field;
///       return std::tuple(field("id", &order::id).required(), field("price", &order::unit_price));
///     }
#define SAKER_FIELDS(type, ...)                                                         \
  constexpr auto saker_fields(::saker::binding::type_tag<type>) noexcept {              \
    return ::std::tuple(                                                                \
        SAKER_DETAIL_EXPAND(SAKER_DETAIL_EACH(SAKER_DETAIL_FIELD, type, __VA_ARGS__))); \
  }

/// Lists the named values of an enumeration; use it in the enumeration's own namespace:
///
///     enum class side { buy, sell };
///     SAKER_ENUM(side, buy, sell)   // JSON: 0, 1; MessagePack: "Buy", "Sell"
#define SAKER_ENUM(type, ...)                                                                \
  constexpr auto saker_enumerators(::saker::binding::type_tag<type>) noexcept {              \
    return ::std::tuple(                                                                     \
        SAKER_DETAIL_EXPAND(SAKER_DETAIL_EACH(SAKER_DETAIL_ENUMERATOR, type, __VA_ARGS__))); \
  }

// NOLINTEND(cppcoreguidelines-macro-usage)
