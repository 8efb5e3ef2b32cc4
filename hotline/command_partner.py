"""`hotline partner`: registers a platform that signs its messages, or gives it a fresh secret."""

import argparse

from hotline.channels.partners import add_partner, rotate_secret
from hotline.command_city import desk_of
from hotline.config import Config
from hotline.database import transaction


def partner(config: Config, options: argparse.Namespace) -> None:
    """Add or rotate; key and secret are shown this once and kept only sealed or hashed."""
    with desk_of(config), transaction():
        if options.action == "add":
            made = add_partner(options.platform, options.name or options.platform, options.kind, options.url)
        else:
            made = rotate_secret(options.platform)
    if made.api_key:
        print(f"接口密钥（X-API-Key）：{made.api_key}")
    if made.secret:
        print(f"签名密钥（X-Signature）：{made.secret}")
    print("以上内容只显示这一次，请妥善交给对方。")
