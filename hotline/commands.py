"""`python -m hotline.commands NAME`: everything the desk can be told from a shell, in one table.

A command's module is imported when it is called: the web process must stay free of what only workers need.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from hotline.config import Config
from hotline.errors import DeskError


@dataclass(frozen=True)
class Argument:
    """One argument as `argparse` wants it."""

    name: str
    words: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Command:
    """Where it is done (`module:function(config, options)`), what it does, what it takes."""

    place: str
    words: str
    arguments: tuple[Argument, ...] = ()


def _takes(name: str, words: str, **options: Any) -> Argument:
    return Argument(name, words, options)


COMMANDS: Mapping[str, Command] = {
    "run": Command("running:run", "启动整个系统，前台运行"),
    "web": Command("serving:web", "网页进程"),
    "live": Command("serving:live", "实时推送进程"),
    "work": Command("serving:work", "后台工作进程", (
        _takes("--max-jobs", "完成多少件后自行重启", type=int, default=20_000),
    )),
    "cron": Command("serving:cron", "定时进程，可多台同时运行"),
    "demo": Command("running:demo", "装入示范城市，写出 demo.json"),
    "demo-phone": Command("serving:demo_phone", "演示电话（模拟运营商），端口加二"),
    "demo-110": Command("serving:demo_110", "演示110平台，端口加三"),
    "migrate": Command("command_city:migrate", "把数据库升级到当前版本"),
    "import": Command("command_city:import_file", "导入一个 CSV 文件", (
        _takes("kind", "departments、staff、duty-list、limits、calendar、ladder、places、matters、knowledge 或 grid"),
        _takes("file", "文件"),
    )),
    "make-admin": Command("command_city:make_admin", "建立管理员，密码从标准输入读取", (
        _takes("username", "用户名"),
        _takes("--department", "所属单位代码，默认热线中心", default=""),
    )),
    "train": Command("command_city:train", "训练分类模型并启用", (
        _takes("--starter", "只用自带的例句", action="store_true"),
    )),
    "drain": Command("command_city:drain", "立即办完到期的后续工作"),
    "settings": Command("command_settings:settings", "列出全部配置；set 键 值 --why 理由 修改城市设置", (
        _takes("action", "set", nargs="?", choices=["set"]),
        _takes("key", "键", nargs="?"),
        _takes("value", "值（JSON 或文字）", nargs="?"),
        _takes("--why", "修改理由", default=""),
    )),
    "partner": Command("command_partner:partner", "登记合作平台或110平台（add），或更换其密钥（rotate）", (
        _takes("action", "add 或 rotate", choices=["add", "rotate"]),
        _takes("platform", "平台代码，如 police-jz"),
        _takes("--kind", "api（合作平台）或 police（110）", choices=["api", "police"], default="api"),
        _takes("--name", "平台名称", default=""),
        _takes("--url", "对方接收消息的地址", default=""),
    )),
    "make-keys": Command("command_keys:make_keys", "生成密钥文件（已有则不动）"),
    "rotate-keys": Command("command_keys:rotate_keys", "更换加密密钥；重启后再运行一次完成换钥"),
    "verify-archive": Command("command_archive:verify_archive", "核对归档件与归档时的校验值是否一致", (
        _takes("number", "工单号，不填则核对全部", nargs="?", default=""),
    )),
    "simulate": Command("command_simulate:simulate", "在示范城市里模拟若干天的工单，并核对结果", (
        _takes("--days", "多少天", type=int, default=3),
        _takes("--per-day", "每天多少件", type=int, default=100),
        _takes("--seed", "种子：相同的种子得到相同的城市", type=int, default=1),
        _takes("--from", "第一天（年-月-日），默认截至昨天", dest="first", default=""),
        _takes("--stories", "每天多少种不同的经过，其余是同样经过的其他人", type=int, default=100),
        _takes("--processes", "几个进程同时办理", type=int, default=1),
        _takes("--bulk", "每种经过只办一遍，其他人的按行复制", action="store_true"),
        _takes("--json", "以 JSON 输出全部统计", action="store_true"),
    )),
    "doctor": Command("command_doctor:doctor", "逐项检查本机与数据"),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; a refusal is one Chinese sentence and exit code 1."""
    logging.basicConfig(level=logging.WARNING)
    chosen = parser().parse_args(arguments)
    module, _, function = COMMANDS[chosen.command].place.partition(":")
    try:
        config = Config.from_environment()
        run: Callable[[Config, argparse.Namespace], int | None]
        run = getattr(import_module(f"hotline.{module}"), function)
        return run(config, chosen) or 0
    except DeskError as problem:
        print("\n".join((problem.sentence, *problem.fields.values())), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """The command line as the table says it."""
    whole = argparse.ArgumentParser(prog="hotline", description="12345 政务服务便民热线系统")
    names = whole.add_subparsers(dest="command", required=True, metavar="命令")
    for name, command in COMMANDS.items():
        one = names.add_parser(name, help=command.words, description=command.words)
        for argument in command.arguments:
            one.add_argument(argument.name, help=argument.words, **argument.options)
    return whole


if __name__ == "__main__":
    sys.exit(main())
