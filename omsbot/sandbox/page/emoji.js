// The names that bots use most; any other name stays as :name:.
const NAMES = `
red_circle 🔴 large_green_circle 🟢 green_circle 🟢 large_yellow_circle 🟡 yellow_circle 🟡 large_orange_circle 🟠 orange_circle 🟠
large_blue_circle 🔵 blue_circle 🔵 large_purple_circle 🟣 purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_brown_circle 🟤
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎ heavy_multiplication_x ✖️
warning ⚠️ rotating_light 🚨 no_entry ⛔ no_entry_sign 🚫 octagonal_sign 🛑 exclamation ❗ heavy_exclamation_mark ❗ question ❓
grey_question ❔ information_source ℹ️ bangbang ‼️ hourglass ⌛ hourglass_flowing_sand ⏳ stopwatch ⏱️ timer_clock ⏲️ clock1 🕐
alarm_clock ⏰ calendar 📅 spiral_calendar_pad 🗓️ double_vertical_bar ⏸️ pause_button ⏸️ arrow_forward ▶️ black_square_for_stop ⏹️
black_right_pointing_triangle_with_double_vertical_bar ⏯️ fast_forward ⏩ rewind ⏪ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️
arrow_upper_right ↗️ arrow_lower_right ↘️ arrows_counterclockwise 🔄 repeat 🔁 leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️
bell 🔔 no_bell 🔕 mute 🔇 speaker 🔈 loud_sound 🔊 mega 📣 loudspeaker 📢 mag 🔍 mag_right 🔎 link 🔗 lock 🔒 unlock 🔓 key 🔑
wrench 🔧 hammer 🔨 hammer_and_wrench 🛠️ gear ⚙️ bulb 💡 clipboard 📋 memo 📝 page_facing_up 📄 bar_chart 📊
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 package 📦 floppy_disk 💾 desktop_computer 🖥️ computer 💻 file_cabinet 🗄️
satellite_antenna 📡 electric_plug 🔌 fire 🔥 boom 💥 zap ⚡ rocket 🚀 tada 🎉 confetti_ball 🎊 checkered_flag 🏁 triangular_flag_on_post 🚩
snail 🐌 turtle 🐢 snowflake ❄️ ice_cube 🧊 zzz 💤 eyes 👀 eye 👁️ see_no_evil 🙈 wave 👋 raised_hand ✋ hand ✋ point_right 👉 point_up ☝️
thumbsup 👍 +1 👍 thumbsdown 👎 -1 👎 ok_hand 👌 clap 👏 pray 🙏 muscle 💪 thinking_face 🤔 thinking 🤔 smile 😄 slightly_smiling_face 🙂
grinning 😀 sweat_smile 😅 cry 😢 scream 😱 skull 💀 ghost 👻 robot_face 🤖 construction 🚧 vertical_traffic_light 🚦 traffic_light 🚥
large_red_square 🟥 large_green_square 🟩 large_yellow_square 🟨 large_orange_square 🟧 large_blue_square 🟦 white_large_square ⬜ black_large_square ⬛
white_small_square ▫️ black_small_square ▪️ small_blue_diamond 🔹 small_orange_diamond 🔸 large_blue_diamond 🔷 small_red_triangle 🔺
small_red_triangle_down 🔻 heavy_minus_sign ➖ heavy_plus_sign ➕ star ⭐ star2 🌟 sparkles ✨ pushpin 📌 round_pushpin 📍 bookmark 🔖
wastebasket 🗑️ email 📧 speech_balloon 💬 thought_balloon 💭 bust_in_silhouette 👤 busts_in_silhouette 👥 test_tube 🧪 broken_heart 💔
heart ❤️ ocean 🌊 whale 🐳 bug 🐛 hole 🕳️ crossed_fingers 🤞 100 💯 recycle ♻️ sos 🆘 new 🆕 ok 🆗 up 🆙 soon 🔜 end 🔚 on 🔛
`;

const TABLE = new Map(
  Array.from(NAMES.trim().split(/\s+/), (_, i, all = NAMES.trim().split(/\s+/)) => [all[2 * i], all[2 * i + 1]])
    .filter(([name, sign]) => name && sign),
);

/** The sign for a name, or `:name:` when it is not known here. */
export function emoji(name) {
  return TABLE.get(name.replace(/::skin-tone-\d$/, "")) ?? `:${name}:`;
}

/** A plain text with its :names: replaced. */
export function withEmoji(text) {
  return String(text).replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
}
