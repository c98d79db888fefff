# The pair in a network of its own: server, client, connections, concurrency.
ip link set lo up
mkfifo "$5/port" "$5/end"
$1 <"$5/end" >"$5/port" &
exec 3>"$5/end"
read -r port <"$5/port"
$2 "$port" "$3" "$4"
