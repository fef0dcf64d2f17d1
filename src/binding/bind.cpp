#include <saker/binding/bind.hpp>

#include <algorithm>
#include <cmath>

namespace saker::binding::detail {

void refuse_value(const char* wanted) {
  throw binding_error(std::string("The value is not ") + wanted + ".");
}

void refuse_missing(std::string_view member) {
  throw binding_error("The member '" + std::string(member) + "' is missing.");
}

void refuse_enumerator() { throw binding_error("The enumeration has no value of that name."); }

namespace {

bool is_same_number(const json& came, const json& made) {
  if (!made.is_number_float()) {
    // Of one sign: the library's comparison takes -1 for the greatest number.
    const auto is_negative = [](const json& number) {
      return !number.is_number_unsigned() && number.get<std::int64_t>() < 0;
    };
    return came.is_number_integer() && came == made && is_negative(came) == is_negative(made);
  }
  // A float is as near as it can be.
  const auto wanted = came.get<double>();
  constexpr double precision = 1e-6;
  return came == made || std::abs(wanted - made.get<double>()) <= precision * std::abs(wanted);
}

}  // namespace

bool has_the_same_numbers(const json& came, const json& made) {
  if (came.is_object() && made.is_object()) {
    return std::all_of(came.items().begin(), came.items().end(), [&](const auto& each) {
      const auto found = made.find(each.key());
      return found == made.end() || has_the_same_numbers(each.value(), *found);
    });
  }
  if (came.is_array() && made.is_array()) {
    for (std::size_t i = 0; i < std::min(came.size(), made.size()); ++i) {
      if (!has_the_same_numbers(came[i], made[i])) return false;
    }
    return true;
  }
  if (came.is_number() && made.is_number()) return is_same_number(came, made);
  return !(came.is_number() && made.is_boolean()) && !(came.is_boolean() && made.is_number());
}

namespace {

/// Whether a cast to some integer might not hold one of its numbers.
bool has_large_floats(const json& document) {
  if (document.is_structured()) {
    return std::any_of(document.begin(), document.end(), has_large_floats);
  }
  constexpr double least = -1;
  constexpr double most = 127;
  if (!document.is_number_float()) return false;
  const auto number = document.get<double>();
  return !(number > least && number <= most);
}

void replace_floats(json& document, double by) {
  if (document.is_structured()) {
    for (auto& each : document) replace_floats(each, by);
  } else if (document.is_number_float()) {
    document = by;
  }
}

}  // namespace

std::vector<json> with_small_fractions(const json& document) {
  std::vector<json> all;
  if (!has_large_floats(document)) return all;
  for (const double each : {0.5, 1.5, 100.5}) replace_floats(all.emplace_back(document), each);
  return all;
}

void write_ticks(value_writer& out, std::optional<ticks> span) {
  if (!span) throw binding_error("The span of time does not fit.");
  if (out.is_text()) {
    out.string(to_time_span_text(*span));
  } else {
    out.integer(span->count());
  }
}

ticks read_ticks(value_reader& in) {
  if (!in.is_text() && in.peek() == value_kind::number) {
    return ticks(read_integer<std::int64_t>(in));
  }
  const auto read = from_time_span_text(in.string());
  if (!read) refuse_value("a span of time");
  return *read;
}

// MessagePack-CSharp's form: the time as the clock there showed it, and the offset in minutes.

void write_offset(value_writer& out, const date_time_offset& value) {
  auto time = to_timestamp(value.time).value_or(timestamp());  // Ticks always fit.
  if (out.is_text()) {
    const auto text = to_iso_text(time, value.offset);
    if (!text) throw binding_error("JSON has only times of the years 1 to 9999.");
    out.string(*text);
    return;
  }
  out.begin_array(2);
  time.seconds += std::chrono::seconds(value.offset).count();
  out.time(time);
  out.integer(value.offset.count());
  out.end_array();
}

date_time_offset read_offset(value_reader& in) {
  iso_time read;
  if (in.peek() == value_kind::string) {
    const auto parsed = from_iso_text(in.string());
    if (!parsed) refuse_value("a point in time");
    read = *parsed;
  } else {
    in.begin_array();
    if (!in.next_element()) refuse_value("a point in time");
    read.time = in.time();
    if (!in.next_element()) refuse_value("a point in time");
    constexpr std::int64_t most = 14 * 60;
    read.offset = std::chrono::minutes(in.integer(-most, most));
    if (in.next_element()) refuse_value("a point in time");
    // Ticks hold 29,000 years: what is near the ends of 64 bits of seconds is none of them.
    constexpr std::int64_t most_seconds = std::int64_t{1} << 40;
    if (read.time.seconds < -most_seconds || read.time.seconds > most_seconds) {
      refuse_value("a point in time that fits");
    }
    read.time.seconds -= std::chrono::seconds(read.offset).count();
  }
  const auto time = to_sys_time<ticks>(read.time);
  if (!time) refuse_value("a point in time that fits");
  return {*time, read.offset};
}

}  // namespace saker::binding::detail
